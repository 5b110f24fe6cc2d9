import { sql } from 'kysely';
import { z } from 'zod';
import { authorize } from '../access/authorize.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { instantField } from '../fields.ts';
import { decodeCursor, type Page, pageQuery, toPage } from '../list-page.ts';
import { type AuditEvent, presentAuditEvent } from './audit-event.ts';

const idText = (what: string) =>
  z.string().regex(/^[A-Za-z0-9_]{1,100}$/, { error: `must be the id of ${what}` });

export const listAuditEventsQuery = z.strictObject({
  ...pageQuery,
  action: z
    .string()
    .regex(/^[a-z_]{1,50}\.[a-z_]{1,50}$/, { error: 'must be an action such as api_key.revoked' })
    .optional()
    .meta({ description: 'Only this action.' }),
  targetId: idText('what was changed').optional().meta({ description: 'Only what was done to this.' }),
  actorId: idText('who acted').optional().meta({ description: 'Only what this actor did.' }),
  from: instantField.optional().meta({ description: 'Only events at or after this instant.' }),
  to: instantField.optional().meta({ description: 'Only events before this instant.' }),
});

/**
 * The organization's own audit events, newest first. They are ordered by (instant, number), which is the order of the
 * chain wherever the nodes' clocks agree, so that one index serves a window in time as well as each filter.
 * @throws AppError `forbidden`, `invalid_request`.
 */
export async function listAuditEvents(
  ctx: Ctx,
  query: z.infer<typeof listAuditEventsQuery>,
): Promise<Page<AuditEvent>> {
  authorize(ctx, 'audit_events:read');
  let select = ctx.database.read
    .selectFrom('audit_event')
    .selectAll()
    .where('chain', '=', ctx.organizationId)
    .orderBy('at', 'desc')
    .orderBy('seq', 'desc')
    .limit(query.limit + 1);
  if (query.action !== undefined) select = select.where('action', '=', query.action);
  if (query.targetId !== undefined) select = select.where('target_id', '=', query.targetId);
  if (query.actorId !== undefined) select = select.where('actor_id', '=', query.actorId);
  if (query.from !== undefined) select = select.where('at', '>=', Date.parse(query.from));
  const end = endOf(query);
  // One upper bound, not two: of two SQLite might take the wider one into the index and step over every row between.
  if (end !== undefined) select = select.where(sql<boolean>`(at, seq) < (${end.at}, ${end.seq})`);
  return toPage(await select.execute(), query.limit, presentAuditEvent, (row) => [
    String(row.at),
    String(row.seq),
  ]);
}

/** The place before which the page ends: the cursor's, or `to` (numbers begin at 1, so 0 stands before them all). */
function endOf(query: z.infer<typeof listAuditEventsQuery>): { at: number; seq: number } | undefined {
  const to = query.to === undefined ? undefined : { at: Date.parse(query.to), seq: 0 };
  if (query.cursor === undefined) return to;
  const [at, seq] = decodeCursor(query.cursor, 2).map(Number);
  if (!Number.isSafeInteger(at) || !Number.isSafeInteger(seq)) {
    throw new AppError('invalid_request', 'The request has a field that is not right.', {
      fields: [
        {
          pointer: '?cursor',
          message: 'is not a cursor of this list; send the nextCursor of the page before',
        },
      ],
    });
  }
  const seen = { at: Number(at), seq: Number(seq) };
  return to !== undefined && to.at <= seen.at ? to : seen;
}
