import type { Committed } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import type { Versioned } from '../versioned.ts';
import type { ApiKey } from './api-key.ts';
import { changeStanding } from './change-standing.ts';

/** Ends a key for good; it stays in the list as revoked. Already revoked: nothing to do. @throws AppError `forbidden`, `not_found`. */
export function revokeApiKey(ctx: Ctx, id: string): Promise<Committed<Versioned<ApiKey>>> {
  return changeStanding(ctx, id, {
    action: 'api_keys:revoke',
    event: 'api_key.revoked',
    decide: (row, now) => (row.revoked_at === null ? { revoked_at: now } : undefined),
  });
}
