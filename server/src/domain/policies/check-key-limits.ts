import type { Writer } from '../../database/database.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { effectivePolicy, type KeyLimit } from './effective-policy.ts';

type Environment = 'development' | 'staging' | 'production';
export type NewKeyPlace = { environment: Environment; applicationId: string; teamId: string | null };

const environments: readonly Environment[] = ['development', 'staging', 'production'];

/**
 * Refuses to go beyond a limit by `adding` keys at this place. Must run in the transaction that adds them: it holds the
 * organization's lock, so nobody else adds between the count and the commit.
 * @throws AppError `key_limit_reached`, naming the limit, how many are used and what to do.
 */
export async function checkKeyLimits(ctx: Ctx, tx: Writer, key: NewKeyPlace, adding: number): Promise<void> {
  const { limits } = await effectivePolicy(ctx, tx, key.environment);
  await holdTo(ctx, tx, limits, key, adding);
}

/**
 * The same for an application whose keys come to another team: for the organization and the application they are no new keys.
 * @throws AppError `key_limit_reached`.
 */
export async function checkTeamKeyLimits(
  ctx: Ctx,
  tx: Writer,
  applicationId: string,
  teamId: string,
): Promise<void> {
  for (const environment of environments) {
    const { limits } = await effectivePolicy(ctx, tx, environment);
    const place = { environment, applicationId, teamId };
    for (const limit of limits.filter(({ per }) => per === 'team')) {
      const coming = await countLivingKeys(ctx, tx, { ...limit, per: 'application' }, place);
      if (coming > 0) await holdTo(ctx, tx, [limit], place, coming);
    }
  }
}

async function holdTo(
  ctx: Ctx,
  tx: Writer,
  limits: readonly KeyLimit[],
  key: NewKeyPlace,
  adding: number,
): Promise<void> {
  for (const limit of limits) {
    // An application without a team is nobody's: only the organization's and its own limit hold for it.
    if (limit.per === 'team' && key.teamId === null) continue;
    const used = await countLivingKeys(ctx, tx, limit, key);
    if (used + adding > limit.most) throw limitReached(limit, used, adding);
  }
}

/**
 * Keys that are active or inactive: not deleted, revoked or expired by now. A team's and an application's are reached
 * through the application, so that both databases read only theirs.
 */
async function countLivingKeys(ctx: Ctx, tx: Writer, limit: KeyLimit, key: NewKeyPlace): Promise<number> {
  const counted = limit.setBy === 'all' ? environments : [limit.setBy];
  if (limit.per === 'organization') {
    const { used } = await tx
      .selectFrom('api_key')
      .where('organization_id', '=', ctx.organizationId)
      .where('environment', 'in', counted)
      .where('deleted_at', 'is', null)
      .where('revoked_at', 'is', null)
      .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', ctx.clock())]))
      .select((eb) => eb.fn.countAll<number>().as('used'))
      .executeTakeFirstOrThrow();
    return used;
  }
  const { used } = await tx
    .selectFrom('application')
    .innerJoin('api_key', 'api_key.application_id', 'application.id')
    .where('application.organization_id', '=', ctx.organizationId)
    .where('application.deleted_at', 'is', null)
    .where((eb) =>
      limit.per === 'team'
        ? eb('application.team_id', '=', key.teamId)
        : eb('application.id', '=', key.applicationId),
    )
    .where('api_key.environment', 'in', counted)
    .where('api_key.deleted_at', 'is', null)
    .where('api_key.revoked_at', 'is', null)
    .where((eb) => eb.or([eb('api_key.expires_at', 'is', null), eb('api_key.expires_at', '>', ctx.clock())]))
    .select((eb) => eb.fn.countAll<number>().as('used'))
    .executeTakeFirstOrThrow();
  return used;
}

function limitReached(limit: KeyLimit, used: number, adding: number): AppError {
  const where = limit.setBy === 'all' ? 'in all environments together' : `in ${limit.setBy}`;
  const more = adding === 1 ? 'one more does' : `${adding} more do`;
  return new AppError(
    'key_limit_reached',
    `The policy "${limit.setBy}" allows ${limit.per === 'organization' ? 'the' : 'each'} ${limit.per} ${limit.most} API keys ${where}, active and inactive; ` +
      `${used} are used, and ${more} not fit. Revoke or delete keys that are no longer needed, or raise the limit.`,
  );
}
