import type { Reader } from '../../database/database.ts';
import type { Ctx } from '../context.ts';
import { type PolicyEnvironment, policyEnvironments } from './policy.ts';

/** Counting ends here: more is said as this many. */
export const mostKeysBeyond = 1_000;

/**
 * How many living keys of the environment never expire, or expire later than a key that is made now may. A policy does
 * not change them: this says what is left to be rotated by hand.
 */
export async function countKeysBeyond(
  ctx: Ctx,
  reader: Reader,
  environment: PolicyEnvironment,
  longestLifetimeSeconds: number | null,
): Promise<number> {
  if (longestLifetimeSeconds === null) return 0;
  const latest = ctx.clock() + longestLifetimeSeconds * 1_000;
  const concerned = policyEnvironments.filter((each) => each !== 'all');
  let beyond = 0;
  for (const each of environment === 'all' ? concerned : concerned.filter((one) => one === environment)) {
    const living = reader
      .selectFrom('api_key')
      .select('id')
      .where('organization_id', '=', ctx.organizationId)
      .where('environment', '=', each)
      .where('deleted_at', 'is', null)
      .where('revoked_at', 'is', null)
      .limit(mostKeysBeyond);
    const endless = await living.where('expires_at', 'is', null).execute();
    const late = await living.where('expires_at', '>', latest).execute();
    beyond += endless.length + late.length;
  }
  return Math.min(beyond, mostKeysBeyond);
}
