import type { ApiKeyTable } from '../../database/schema.ts';

export type ApiKeyStatus = 'active' | 'inactive' | 'expired' | 'revoked';
export type StatusInstants = Pick<ApiKeyTable, 'revoked_at' | 'disabled_at' | 'expires_at'>;

/** The status is derived from instants and never stored: the first that applies, in the order of the denial reasons. */
export function statusOf(row: StatusInstants, now: number): ApiKeyStatus {
  if (row.revoked_at !== null) return 'revoked';
  if (row.expires_at !== null && row.expires_at <= now) return 'expired';
  if (row.disabled_at !== null) return 'inactive';
  return 'active';
}
