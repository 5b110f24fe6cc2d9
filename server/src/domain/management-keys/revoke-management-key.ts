import { authorize } from '../access/authorize.ts';
import { changed, unchanged } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import {
  findManagementKeyInOrganization,
  type ManagementKey,
  presentManagementKey,
} from './management-key.ts';

/** Ends a management key, and with it every key that it made. Final. @throws AppError `forbidden`, `not_found`. */
export async function revokeManagementKey(ctx: Ctx, id: string): Promise<Committed<ManagementKey>> {
  authorize(ctx, 'management_keys:revoke');
  return transact(ctx, 'management_key.revoked', async (tx) => {
    const row = await findManagementKeyInOrganization(ctx, tx, id);
    const now = ctx.clock();
    if (row.revoked_at !== null) return unchanged(presentManagementKey(row, now));
    await tx
      .updateTable('management_key')
      .set({ revoked_at: now })
      .where('organization_id', '=', ctx.organizationId)
      .where('id', '=', id)
      .execute();
    return changed(presentManagementKey({ ...row, revoked_at: now }, now), {
      target: { kind: 'management_key', id },
      before: { status: presentManagementKey(row, now).status },
      after: { status: 'revoked' },
    });
  });
}
