import { z } from 'zod';
import { authorize } from '../access/authorize.ts';
import { changed, unchanged } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import { checkRevision } from '../check-revision.ts';
import type { Ctx } from '../context.ts';
import { type Expected, idField } from '../fields.ts';
import { type Versioned, versioned } from '../versioned.ts';
import { findApplicationInOrganization } from './application.ts';
import { checkConnections } from './check-connections.ts';
import { type Connections, findConnections } from './connections.ts';
import { describeConnectionsChange } from './describe-connections-change.ts';
import { hasProductionKeys } from './has-production-keys.ts';

const mostApis = 200;
/** As many operations as a document may have. */
const mostEndpoints = 20_000;

const endpointsField = z.union(
  [
    z.literal('all'),
    z
      .array(idField('ep', 'an endpoint'))
      .max(mostEndpoints, { error: `must have at most ${mostEndpoints} ids; use "all" for all` }),
  ],
  { error: 'must be "all" or a list of endpoint ids' },
);

export const replaceConnectionsInput = z.strictObject({
  connections: z
    .array(z.strictObject({ apiId: idField('api', 'an API'), endpoints: endpointsField }))
    .max(mostApis, { error: `must have at most ${mostApis} APIs` }),
});

/**
 * Replaces all connections of an application. Keys are not touched: their scopes count only as far as a connected API
 * declares them.
 * @throws AppError `forbidden`, `not_found`, `invalid_request`, `precondition_failed`.
 */
export async function replaceConnections(
  ctx: Ctx,
  applicationId: string,
  input: z.infer<typeof replaceConnectionsInput> & Expected,
): Promise<Committed<Versioned<Connections>>> {
  return transact(ctx, 'application.connections_changed', async (tx) => {
    const application = await findApplicationInOrganization(ctx, tx, applicationId);
    authorize(ctx, 'applications:update', { teamId: application.team_id });
    // What an application may call, its production keys may call.
    if (await hasProductionKeys(ctx, tx, applicationId)) {
      authorize(ctx, 'api_keys:production', { teamId: application.team_id });
    }
    checkRevision(application.access_revision, input.expectedRevision);
    await checkConnections(ctx, tx, input.connections);
    const current = await findConnections(ctx, tx, applicationId);
    const change = describeConnectionsChange(current, input.connections);
    if (change === undefined)
      return unchanged(versioned({ connections: current }, application.access_revision));

    await tx
      .deleteFrom('connection')
      .where('organization_id', '=', ctx.organizationId)
      .where('application_id', '=', applicationId)
      .execute();
    if (input.connections.length > 0) {
      const rows = input.connections.map(({ apiId, endpoints }) => ({
        application_id: applicationId,
        api_id: apiId,
        organization_id: ctx.organizationId,
        endpoints: JSON.stringify(endpoints),
      }));
      await tx.insertInto('connection').values(rows).execute();
    }
    const revision = application.access_revision + 1;
    await tx
      .updateTable('application')
      .set({ access_revision: revision })
      .where('organization_id', '=', ctx.organizationId)
      .where('id', '=', applicationId)
      .execute();
    const connections = await findConnections(ctx, tx, applicationId);
    return changed(versioned({ connections }, revision), {
      target: { kind: 'application', id: applicationId },
      ...change,
    });
  });
}
