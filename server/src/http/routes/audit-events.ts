import { auditEventSchema } from '../../domain/audit/audit-event.ts';
import { listAuditEvents, listAuditEventsQuery } from '../../domain/audit/list-audit-events.ts';
import { pageOf } from '../response-schemas.ts';
import { type Route, route } from '../route.ts';

export const auditEventRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/v1/audit-events',
    operationId: 'listAuditEvents',
    tag: 'Audit events',
    summary: 'List audit events, newest first',
    action: 'audit_events:read',
    query: listAuditEventsQuery,
    status: 200,
    response: pageOf(auditEventSchema),
    handle: async (ctx, { query }) => ({ body: await listAuditEvents(ctx, query) }),
  }),
];
