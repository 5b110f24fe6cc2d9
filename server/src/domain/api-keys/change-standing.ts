import type { Writer } from '../../database/database.ts';
import type { ApiKeyTable } from '../../database/schema.ts';
import type { Action } from '../access/actions.ts';
import { authorize } from '../access/authorize.ts';
import type { AuditAction } from '../audit/audit-actions.ts';
import { changed, unchanged } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import type { Versioned } from '../versioned.ts';
import type { ApiKey } from './api-key.ts';
import { statusOf } from './api-key-status.ts';
import { type ApiKeyRow, findLivingApiKey, presentStoredApiKey } from './load-api-key.ts';

export type StandingChange = {
  action: Action;
  event: AuditAction;
  /** What to write, or undefined: the key already is so. May refuse by throwing. */
  decide: (
    row: ApiKeyRow,
    now: number,
  ) => Partial<Pick<ApiKeyTable, 'disabled_at' | 'revoked_at'>> | undefined;
};

/** What disabling, enabling and revoking have in common: one instant of the key is written or cleared, under the lock. */
export async function changeStanding(
  ctx: Ctx,
  id: string,
  change: StandingChange,
): Promise<Committed<Versioned<ApiKey>>> {
  return transact(ctx, change.event, async (tx) => {
    const row = await findLivingApiKey(ctx, tx, id);
    authorize(ctx, change.action, { teamId: row.team_id, environment: row.environment });
    const now = ctx.clock();
    const set = change.decide(row, now);
    if (set === undefined) return unchanged(await presentStoredApiKey(ctx, tx, row));
    const updated = await writeApiKey(ctx, tx, row, set);
    return changed(await presentStoredApiKey(ctx, tx, updated), {
      target: { kind: 'api_key', id },
      before: { status: statusOf(row, now) },
      after: { status: statusOf(updated, now) },
    });
  });
}

/** Writes instants of a key, and counts the revision on. */
export async function writeApiKey(
  ctx: Ctx,
  tx: Writer,
  row: ApiKeyRow,
  set: Partial<Pick<ApiKeyTable, 'disabled_at' | 'revoked_at' | 'deleted_at'>>,
): Promise<ApiKeyTable> {
  return tx
    .updateTable('api_key')
    .set({ ...set, revision: row.revision + 1, updated_at: ctx.clock() })
    .where('organization_id', '=', ctx.organizationId)
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}
