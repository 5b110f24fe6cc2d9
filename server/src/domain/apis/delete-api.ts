import { authorize } from '../access/authorize.ts';
import { changed } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { findApiInOrganization } from './api.ts';
import { describeApi } from './describe-api-change.ts';
import { readApiParts } from './read-api-parts.ts';
import { touchConnectedApplications } from './touch-connected-applications.ts';
import { deleteScopes } from './write-api-parts.ts';

/**
 * Deletes an API with its scopes, its endpoints and all connections to it. Keys stay; they can call it no more.
 * @throws AppError `forbidden`, `not_found`.
 */
export async function deleteApi(ctx: Ctx, id: string): Promise<Committed<{ id: string }>> {
  authorize(ctx, 'apis:delete');
  return transact(ctx, 'api.deleted', async (tx) => {
    const row = await findApiInOrganization(ctx, tx, id);
    const parts = await readApiParts(ctx, tx, id);
    // While the connections are still there to name the applications.
    const applications = await touchConnectedApplications(ctx, tx, id);
    for (const table of ['connection', 'endpoint'] as const) {
      await tx
        .deleteFrom(table)
        .where('organization_id', '=', ctx.organizationId)
        .where('api_id', '=', id)
        .execute();
    }
    await deleteScopes(ctx, tx, id);
    await tx
      .deleteFrom('api')
      .where('organization_id', '=', ctx.organizationId)
      .where('id', '=', id)
      .execute();
    const before = {
      ...describeApi({ name: row.name, slug: row.slug, scopes: parts.scopes }, parts.endpoints),
      connectedApplications: applications.length,
    };
    return changed({ id }, { target: { kind: 'api', id }, before, after: null }, applications);
  });
}
