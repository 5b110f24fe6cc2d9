import { z } from 'zod';
import { authorize } from '../access/authorize.ts';
import type { Ctx } from '../context.ts';
import { idBefore, type Page, pageQuery, toPage } from '../list-page.ts';
import { type ManagementKey, presentManagementKey, selectManagementKeys } from './management-key.ts';

export const listManagementKeysQuery = z.strictObject(pageQuery);

/** The organization's management keys, newest first, ended ones too. @throws AppError `forbidden`. */
export async function listManagementKeys(
  ctx: Ctx,
  query: z.infer<typeof listManagementKeysQuery>,
): Promise<Page<ManagementKey>> {
  authorize(ctx, 'management_keys:read');
  const select = selectManagementKeys(ctx.database.read, ctx.organizationId)
    .where('management_key.id', '<', idBefore(query))
    .orderBy('management_key.id', 'desc')
    .limit(query.limit + 1);
  const now = ctx.clock();
  return toPage(await select.execute(), query.limit, (row) => presentManagementKey(row, now));
}
