import { authorize } from '../access/authorize.ts';
import type { Ctx } from '../context.ts';
import {
  findManagementKeyInOrganization,
  type ManagementKey,
  presentManagementKey,
} from './management-key.ts';

/** @throws AppError `forbidden`, `not_found`. */
export async function getManagementKey(ctx: Ctx, id: string): Promise<ManagementKey> {
  authorize(ctx, 'management_keys:read');
  return presentManagementKey(await findManagementKeyInOrganization(ctx, ctx.database.read, id), ctx.clock());
}
