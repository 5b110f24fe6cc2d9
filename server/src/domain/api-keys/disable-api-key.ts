import type { Committed } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Versioned } from '../versioned.ts';
import type { ApiKey } from './api-key.ts';
import { changeStanding } from './change-standing.ts';

/**
 * Switches a key off until it is enabled again. Already off: nothing to do.
 * @throws AppError `forbidden`, `not_found`, `key_is_final`.
 */
export function disableApiKey(ctx: Ctx, id: string): Promise<Committed<Versioned<ApiKey>>> {
  return changeStanding(ctx, id, {
    action: 'api_keys:disable',
    event: 'api_key.disabled',
    decide: (row, now) => {
      if (row.revoked_at !== null) {
        throw new AppError(
          'key_is_final',
          'This key was revoked, which is final: it is refused everywhere already.',
        );
      }
      return row.disabled_at === null ? { disabled_at: now } : undefined;
    },
  });
}
