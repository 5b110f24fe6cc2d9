import type { Writer } from '../../database/database.ts';
import { eachInTurns } from '../../lib/each-in-turns.ts';
import { inChunks } from '../../lib/in-chunks.ts';
import type { Ctx } from '../context.ts';
import type { EndpointsPlan } from './plan-endpoints.ts';
import type { StoredEndpoint, StoredScope } from './read-api-parts.ts';

/**
 * Rows a statement: far from SQLite's 32,766 parameters and PostgreSQL's 65,535, and so few that nobody waits long. SQLite
 * answers at once: without a turn after each, others would wait for all of them.
 */
const chunkSize = 200;

/** Makes these the scopes of the API, in this order. */
export async function writeScopes(
  ctx: Ctx,
  tx: Writer,
  apiId: string,
  scopes: readonly StoredScope[],
): Promise<void> {
  await deleteScopes(ctx, tx, apiId);
  const rows = scopes.map(({ name, description, access }, position) => ({
    organization_id: ctx.organizationId,
    name,
    api_id: apiId,
    description,
    access,
    position,
  }));
  for (const chunk of inChunks(rows, chunkSize)) await tx.insertInto('scope').values(chunk).execute();
}

/** Carries out the plan. A changed endpoint's row is written anew under its old id: nothing references it but by id. */
export async function writeEndpoints(
  ctx: Ctx,
  tx: Writer,
  apiId: string,
  plan: EndpointsPlan,
): Promise<void> {
  const old = [...plan.remove, ...plan.change.map((change) => change.before)];
  await eachInTurns(inChunks(old, chunkSize), 1, async (chunk) => {
    await tx
      .deleteFrom('endpoint')
      .where('organization_id', '=', ctx.organizationId)
      .where('api_id', '=', apiId)
      .where(
        'id',
        'in',
        chunk.map((endpoint) => endpoint.id),
      )
      .execute();
  });
  const kept = plan.change.map((change) => change.after);
  const made = plan.add.map((endpoint): StoredEndpoint => ({ ...endpoint, id: ctx.newId('ep') }));
  await eachInTurns(inChunks([...kept, ...made], chunkSize), 1, async (chunk) => {
    const rows = chunk.map((endpoint) => ({
      id: endpoint.id,
      organization_id: ctx.organizationId,
      api_id: apiId,
      method: endpoint.method,
      path: endpoint.path,
      shape: endpoint.shape,
      scopes: JSON.stringify(endpoint.scopes),
    }));
    await tx.insertInto('endpoint').values(rows).execute();
  });
}

export async function deleteScopes(ctx: Ctx, tx: Writer, apiId: string): Promise<void> {
  await tx
    .deleteFrom('scope')
    .where('organization_id', '=', ctx.organizationId)
    .where('api_id', '=', apiId)
    .execute();
}
