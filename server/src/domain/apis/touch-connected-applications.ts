import type { Writer } from '../../database/database.ts';
import type { Subject } from '../audit/change.ts';
import type { Ctx } from '../context.ts';

/**
 * Grows the access revision of every application that is connected to the API, so that no verifier goes on with what the
 * API was. Answers those applications, as subjects of the change.
 */
export async function touchConnectedApplications(ctx: Ctx, tx: Writer, apiId: string): Promise<Subject[]> {
  const rows = await tx
    .updateTable('application')
    .set((eb) => ({ access_revision: eb('access_revision', '+', 1) }))
    .where('organization_id', '=', ctx.organizationId)
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('connection')
        .select('connection.application_id')
        .where('connection.organization_id', '=', ctx.organizationId)
        .where('connection.api_id', '=', apiId),
    )
    .returning('id')
    .execute();
  return rows.map(({ id }): Subject => ({ kind: 'application', id }));
}
