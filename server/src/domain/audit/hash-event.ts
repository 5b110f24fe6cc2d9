import { createHmac } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { AuditEventTable } from '../../database/schema.ts';

/** What stands before the first event of every chain. */
export const chainStart = '0'.repeat(64);

/**
 * The link of the chain: hex of HMAC-SHA256(audit key, previous hash || event in RFC 8785 form). The key is not in
 * the database, so who can write the table cannot make a link that fits.
 */
export function hashEvent(
  auditKey: Uint8Array,
  previousHash: string,
  event: Omit<AuditEventTable, 'hash'>,
): string {
  const canonical = canonicalize({
    chain: event.chain,
    seq: event.seq,
    id: event.id,
    at: event.at,
    actorType: event.actor_type,
    actorId: event.actor_id,
    action: event.action,
    targetType: event.target_type,
    targetId: event.target_id,
    before: event.before,
    after: event.after,
    requestId: event.request_id,
    ip: event.ip,
    userAgent: event.user_agent,
  });
  return createHmac('sha256', auditKey).update(previousHash).update(String(canonical)).digest('hex');
}
