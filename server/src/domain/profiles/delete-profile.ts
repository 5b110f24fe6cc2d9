import type { Writer } from '../../database/database.ts';
import { authorize } from '../access/authorize.ts';
import { changed } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { findProfileInOrganization } from './profile.ts';

/** Counting ends here: what matters is that the profile is in use, and about how much. */
const mostCounted = 1_000;

/**
 * Deletes a profile that no key uses any more: keys must not quietly lose the settings that an API gives them by. Keys
 * that are revoked or deleted stay so, and do not count.
 * @throws AppError `forbidden`, `not_found`, `conflict`.
 */
export async function deleteProfile(ctx: Ctx, id: string): Promise<Committed<{ id: string }>> {
  authorize(ctx, 'profiles:delete');
  return transact(ctx, 'profile.deleted', async (tx) => {
    const row = await findProfileInOrganization(ctx, tx, id);
    await refuseUsedProfile(ctx, tx, id);
    await tx
      .deleteFrom('profile')
      .where('organization_id', '=', ctx.organizationId)
      .where('id', '=', id)
      .execute();
    return changed(
      { id },
      {
        target: { kind: 'profile', id },
        before: { name: row.name, settings: JSON.parse(row.settings) },
        after: null,
      },
    );
  });
}

async function refuseUsedProfile(ctx: Ctx, tx: Writer, id: string): Promise<void> {
  // Reached through the profile, so that both databases look at its keys and not at the organization's.
  const users = await tx
    .selectFrom('profile')
    .innerJoin('api_key', 'api_key.profile_id', 'profile.id')
    .select('api_key.id')
    .where('profile.organization_id', '=', ctx.organizationId)
    .where('profile.id', '=', id)
    .where('api_key.deleted_at', 'is', null)
    .where('api_key.revoked_at', 'is', null)
    .limit(mostCounted)
    .execute();
  const [first] = users;
  if (first === undefined) return;
  const count = users.length === mostCounted ? `${mostCounted} or more API keys` : countOf(users.length);
  throw new AppError(
    'conflict',
    `This profile is used by ${count} (${first.id} is one). Give them another profile, or none, first.`,
  );
}

function countOf(keys: number): string {
  return keys === 1 ? '1 API key' : `${keys} API keys`;
}
