import { z } from 'zod';
import type { AuditEventTable } from '../../database/schema.ts';
import { isoInstant } from '../fields.ts';

const changedFields = z.record(z.string(), z.unknown()).nullable();

export const auditEventSchema = z
  .object({
    id: z.string(),
    seq: z.number().int().meta({ description: 'Its place in the chain of the organization: 1, 2, 3 …' }),
    at: z.string(),
    actor: z.object({ type: z.enum(['member', 'management_key', 'system']), id: z.string() }),
    action: z.string().meta({ examples: ['api_key.revoked'] }),
    target: z.object({ type: z.string(), id: z.string() }),
    before: changedFields.meta({ description: 'The fields that changed, as they were.' }),
    after: changedFields.meta({ description: 'The fields that changed, as they are.' }),
    requestId: z.string(),
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
    hash: z.string().meta({ description: 'Its link in the chain; `keywright audit verify` checks it.' }),
  })
  .meta({ id: 'AuditEvent', description: 'Who changed what, when, from where.' });

export type AuditEvent = z.infer<typeof auditEventSchema>;

export function presentAuditEvent(row: AuditEventTable): AuditEvent {
  return {
    id: row.id,
    seq: row.seq,
    at: isoInstant(row.at),
    actor: { type: row.actor_type, id: row.actor_id },
    action: row.action,
    target: { type: row.target_type, id: row.target_id },
    before: parseFields(row.before),
    after: parseFields(row.after),
    requestId: row.request_id,
    ip: row.ip,
    userAgent: row.user_agent,
    hash: row.hash,
  };
}

function parseFields(text: string | null): Record<string, unknown> | null {
  return text === null ? null : (JSON.parse(text) as Record<string, unknown>);
}
