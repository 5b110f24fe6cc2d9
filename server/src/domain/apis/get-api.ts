import { authorize } from '../access/authorize.ts';
import type { Ctx } from '../context.ts';
import type { Versioned } from '../versioned.ts';
import { type Api, readWholeApi } from './api.ts';

/** @throws AppError `forbidden`, `not_found`. */
export async function getApi(ctx: Ctx, id: string): Promise<Versioned<Api>> {
  authorize(ctx, 'apis:read');
  return readWholeApi(ctx, ctx.database.read, id);
}
