import type { Committed } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Versioned } from '../versioned.ts';
import type { ApiKey } from './api-key.ts';
import { changeStanding } from './change-standing.ts';

/**
 * Switches a key on again. Already on: nothing to do.
 * @throws AppError `forbidden`, `not_found`, `key_is_final` (a revoked key cannot come back).
 */
export function enableApiKey(ctx: Ctx, id: string): Promise<Committed<Versioned<ApiKey>>> {
  return changeStanding(ctx, id, {
    action: 'api_keys:enable',
    event: 'api_key.enabled',
    decide: (row) => {
      if (row.revoked_at !== null) {
        throw new AppError('key_is_final', 'This key was revoked, which is final. Issue a new key instead.');
      }
      return row.disabled_at === null ? undefined : { disabled_at: null };
    },
  });
}
