import { authorize } from '../access/authorize.ts';
import { changed, unchanged } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { isoInstant } from '../fields.ts';
import { statusOf } from './api-key-status.ts';
import { writeApiKey } from './change-standing.ts';
import { findApiKeyInOrganization } from './load-api-key.ts';

export type DeletedApiKey = { id: string; deletedAt: string };

/**
 * Deletes a key, permanently: it is refused everywhere and shown nowhere but in the audit log. The row stays, so that a later
 * attempt to use it is recognised for what it is. Already deleted: nothing to do.
 * @throws AppError `forbidden`, `not_found`.
 */
export async function deleteApiKey(ctx: Ctx, id: string): Promise<Committed<DeletedApiKey>> {
  return transact(ctx, 'api_key.deleted', async (tx) => {
    const row = await findApiKeyInOrganization(ctx, tx, id);
    authorize(ctx, 'api_keys:delete', { teamId: row.team_id, environment: row.environment });
    if (row.deleted_at !== null) return unchanged({ id, deletedAt: isoInstant(row.deleted_at) });
    const now = ctx.clock();
    await writeApiKey(ctx, tx, row, { deleted_at: now });
    return changed(
      { id, deletedAt: isoInstant(now) },
      {
        target: { kind: 'api_key', id },
        before: { name: row.name, status: statusOf(row, now) },
        after: null,
      },
    );
  });
}
