import type { Connection, ScopeGrant } from './types.ts';

/** A key's scopes that count, in its own order and as a set. */
export type EffectiveScopes = { names: readonly string[]; held: ReadonlySet<string> };

/** Nearly all keys of an application have the same few lists of scopes: found once, as long as both lists are the same objects. */
const known = new WeakMap<readonly Connection[], WeakMap<readonly ScopeGrant[], EffectiveScopes>>();

/** What an API no longer declares, or is no longer connected to the application, gives nothing, though the key still lists it. */
export function effectiveScopes(
  scopes: readonly ScopeGrant[],
  connections: readonly Connection[],
): EffectiveScopes {
  const byScopes = known.get(connections) ?? new WeakMap<readonly ScopeGrant[], EffectiveScopes>();
  const found = byScopes.get(scopes);
  if (found !== undefined) return found;
  const counts = ({ name, apiId }: ScopeGrant) =>
    connections.some(({ api }) => api.id === apiId && api.scopeNames.has(name));
  const names = scopes.filter(counts).map((grant) => grant.name);
  const made = { names, held: new Set(names) };
  byScopes.set(scopes, made);
  known.set(connections, byScopes);
  return made;
}
