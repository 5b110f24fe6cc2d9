import { authorize } from '../access/authorize.ts';
import type { Ctx } from '../context.ts';
import type { Versioned } from '../versioned.ts';
import type { ApiKey } from './api-key.ts';
import { findLivingApiKey, presentStoredApiKey } from './load-api-key.ts';

/** @throws AppError `forbidden`, `not_found`. */
export async function getApiKey(ctx: Ctx, id: string): Promise<Versioned<ApiKey>> {
  authorize(ctx, 'api_keys:read');
  return presentStoredApiKey(ctx, ctx.database.read, await findLivingApiKey(ctx, ctx.database.read, id));
}
