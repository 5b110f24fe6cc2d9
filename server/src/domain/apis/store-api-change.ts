import type { Writer } from '../../database/database.ts';
import type { ApiTable } from '../../database/schema.ts';
import { type Change, changed, unchanged } from '../audit/change.ts';
import type { Ctx } from '../context.ts';
import type { Versioned } from '../versioned.ts';
import { type Api, presentApi } from './api.ts';
import { describeApiChange, scopesDiffer } from './describe-api-change.ts';
import { dropFromConnections } from './drop-from-connections.ts';
import { type EndpointsPlan, isEmptyPlan } from './plan-endpoints.ts';
import { type ApiParts, readApiParts, type StoredScope } from './read-api-parts.ts';
import { refuseTakenScopeNames, refuseTakenSlug } from './refuse-taken-names.ts';
import { touchConnectedApplications } from './touch-connected-applications.ts';
import { writeEndpoints, writeScopes } from './write-api-parts.ts';

/** What the API will be, checked: everything of it but the endpoints that stay. */
export type ApiChange = {
  name: string;
  slug: string;
  scopes: readonly StoredScope[];
  endpoints: EndpointsPlan;
};

/**
 * Writes a change of an API, if it is one. Unless only the name changes, all connected applications hear of it.
 * @throws AppError `slug_taken`, `conflict`.
 */
export async function storeApiChange(
  ctx: Ctx,
  tx: Writer,
  current: { row: ApiTable; parts: ApiParts },
  change: ApiChange,
): Promise<Change<Versioned<Api>>> {
  const { row, parts } = current;
  const before = { name: row.name, slug: row.slug, scopes: parts.scopes };
  const described = describeApiChange(before, change, change.endpoints);
  if (described === undefined) return unchanged(presentApi(row, parts));

  const newScopes = scopesDiffer(parts.scopes, change.scopes);
  await refuseTakenSlug(ctx, tx, change.slug, row.id);
  if (newScopes) await refuseTakenScopeNames(ctx, tx, change.scopes, row.id);

  const changesAccess = row.slug !== change.slug || newScopes || !isEmptyPlan(change.endpoints);
  const applications = changesAccess ? await touchConnectedApplications(ctx, tx, row.id) : [];
  const updated = await tx
    .updateTable('api')
    .set({ name: change.name, slug: change.slug, revision: row.revision + 1, updated_at: ctx.clock() })
    .where('organization_id', '=', ctx.organizationId)
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  if (newScopes) await writeScopes(ctx, tx, row.id, change.scopes);
  await dropFromConnections(ctx, tx, row.id, change.endpoints.remove);
  await writeEndpoints(ctx, tx, row.id, change.endpoints);
  return changed(
    presentApi(updated, await readApiParts(ctx, tx, row.id)),
    { target: { kind: 'api', id: row.id }, ...described },
    applications,
  );
}
