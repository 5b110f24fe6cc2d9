import { compileTemplate } from '../../lib/path-template.ts';
import type { ImportPlan } from './openapi/import-plan.ts';
import type { EndpointsPlan } from './plan-endpoints.ts';
import type { StoredEndpoint } from './read-api-parts.ts';

/** What an import will do with the endpoints, in the terms in which every change of an API is written. */
export function toEndpointsPlan(plan: ImportPlan, stored: readonly StoredEndpoint[]): EndpointsPlan {
  const byId = new Map(stored.map((endpoint) => [endpoint.id, endpoint]));
  const find = (id: string): StoredEndpoint => {
    const endpoint = byId.get(id);
    if (endpoint === undefined) throw new Error(`The plan names ${id}, which is no endpoint of the API.`);
    return endpoint;
  };
  return {
    add: plan.add.map((endpoint) => ({ ...endpoint, shape: shapeOf(endpoint.path) })),
    change: plan.change.map(({ id, path, scopes }) => ({
      before: find(id),
      after: { ...find(id), path, scopes },
    })),
    remove: plan.remove.map(({ id }) => find(id)),
  };
}

/** The reader leaves out what does not compile. */
function shapeOf(path: string): string {
  const compiled = compileTemplate(path);
  if (!compiled.ok) throw new Error(`The reader gave a path that does not compile: ${compiled.message}`);
  return compiled.template.shape;
}
