import type { Reader } from '../../database/database.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { isoInstant } from '../fields.ts';
import { effectivePolicy } from '../policies/effective-policy.ts';

type Environment = 'development' | 'staging' | 'production';

/**
 * When a key made at `createdAt` expires, within the policy. What was asked for and is too long is refused, not cut; where
 * nothing was asked for (undefined), it is the policy's longest lifetime, or never.
 * @throws AppError `invalid_request` (in the past), `policy_violation` (too long, naming the latest instant).
 */
export async function boundExpiry(
  ctx: Ctx,
  reader: Reader,
  environment: Environment,
  createdAt: number,
  asked: string | null | undefined,
): Promise<number | null> {
  const { longestLifetimeSeconds } = await effectivePolicy(ctx, reader, environment);
  const latest = longestLifetimeSeconds === null ? null : createdAt + longestLifetimeSeconds * 1_000;
  if (asked === undefined) return latest;
  const expiresAt = asked === null ? null : Date.parse(asked);
  if (expiresAt !== null && expiresAt <= ctx.clock()) {
    throw new AppError('invalid_request', 'The request has a field that is not right.', {
      fields: [{ pointer: '/expiresAt', message: 'must be in the future' }],
    });
  }
  if (latest !== null && (expiresAt === null || expiresAt > latest)) {
    throw new AppError('policy_violation', `The policy for ${environment} keys allows no longer lifetime.`, {
      fields: [{ pointer: '/expiresAt', message: `must be at the latest ${isoInstant(latest)}` }],
    });
  }
  return expiresAt;
}
