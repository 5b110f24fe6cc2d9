import { z } from 'zod';
import { authorize } from '../access/authorize.ts';
import { type Committed, transact } from '../audit/transact.ts';
import { checkRevision } from '../check-revision.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { type Expected, nameField } from '../fields.ts';
import type { Versioned } from '../versioned.ts';
import { type Api, findApiInOrganization } from './api.ts';
import { endpointsField, type ScopeInput, scopesField, slugField } from './api-fields.ts';
import { checkDefinition } from './check-definition.ts';
import { planEndpoints } from './plan-endpoints.ts';
import { readApiParts, type StoredEndpoint } from './read-api-parts.ts';
import { storeApiChange } from './store-api-change.ts';

export const updateApiInput = z.strictObject({
  name: nameField().optional(),
  slug: slugField.optional(),
  scopes: scopesField.optional(),
  endpoints: endpointsField.optional(),
});

/**
 * Changes an API. `scopes` and `endpoints` are whole lists: what they leave out is removed. Endpoints whose method and
 * path (but for the names of parameters) stay keep their ids, and so the connections to them.
 * @throws AppError `forbidden`, `not_found`, `invalid_request`, `slug_taken`, `conflict`, `precondition_failed`.
 */
export async function updateApi(
  ctx: Ctx,
  id: string,
  input: z.infer<typeof updateApiInput> & Expected,
): Promise<Committed<Versioned<Api>>> {
  authorize(ctx, 'apis:update');
  return transact(ctx, 'api.updated', async (tx) => {
    const row = await findApiInOrganization(ctx, tx, id);
    checkRevision(row.revision, input.expectedRevision);
    const parts = await readApiParts(ctx, tx, id);
    const scopes = input.scopes ?? parts.scopes;
    const wanted = await checkDefinition(scopes, input.endpoints ?? []);
    if (input.endpoints === undefined) refuseScopesInUse(scopes, parts.endpoints);
    return storeApiChange(
      ctx,
      tx,
      { row, parts },
      {
        name: input.name ?? row.name,
        slug: input.slug ?? row.slug,
        scopes,
        endpoints: planEndpoints(parts.endpoints, input.endpoints === undefined ? parts.endpoints : wanted),
      },
    );
  });
}

/** A scope that endpoints ask for cannot go: no key could have it, so that nobody could call them any more. */
function refuseScopesInUse(
  scopes: readonly Pick<ScopeInput, 'name'>[],
  endpoints: readonly StoredEndpoint[],
): void {
  const names = new Set(scopes.map((scope) => scope.name));
  const missing = new Map<string, StoredEndpoint>();
  for (const endpoint of endpoints) {
    for (const name of endpoint.scopes) {
      if (!names.has(name) && !missing.has(name)) missing.set(name, endpoint);
    }
  }
  if (missing.size === 0) return;
  throw new AppError('invalid_request', 'Endpoints still ask for scopes that are left out.', {
    fields: [...missing].slice(0, 100).map(([name, { method, path }]) => ({
      pointer: '/scopes',
      message: `leaves out ${name}, which ${method} ${path} asks for; keep it, or send endpoints that do not ask for it`,
    })),
  });
}
