import type { CheckedEndpoint } from './check-definition.ts';
import type { StoredEndpoint } from './read-api-parts.ts';

/** What must be written to make the stored endpoints those that are wanted. What it does not name stays as it is. */
export type EndpointsPlan = {
  add: CheckedEndpoint[];
  /** Each with the endpoint as it was. */
  change: { before: StoredEndpoint; after: StoredEndpoint }[];
  remove: StoredEndpoint[];
};

/**
 * Endpoints are the same if method and shape are, so those that stay keep their ids, and connections to them live on. Pure.
 */
export function planEndpoints(
  stored: readonly StoredEndpoint[],
  wanted: readonly CheckedEndpoint[],
): EndpointsPlan {
  const before = new Map(stored.map((endpoint) => [identityOf(endpoint), endpoint]));
  const plan: EndpointsPlan = { add: [], change: [], remove: [] };
  for (const endpoint of wanted) {
    const old = before.get(identityOf(endpoint));
    before.delete(identityOf(endpoint));
    if (old === undefined) plan.add.push(endpoint);
    else if (old.path !== endpoint.path || old.scopes.join(' ') !== endpoint.scopes.join(' ')) {
      plan.change.push({ before: old, after: { ...endpoint, id: old.id } });
    }
  }
  plan.remove.push(...before.values());
  return plan;
}

export function isEmptyPlan(plan: EndpointsPlan): boolean {
  return plan.add.length + plan.change.length + plan.remove.length === 0;
}

function identityOf({ method, shape }: { method: string; shape: string }): string {
  return `${method} ${shape}`;
}
