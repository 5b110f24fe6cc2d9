import { effectiveScopes } from './effective-scopes.ts';
import type {
  Connection,
  Decision,
  DenialReason,
  KeyState,
  MatchedEndpoint,
  VerificationRequest,
} from './types.ts';

const READ = ':read';
const FULL = ':full';

/**
 * Decides whether a known secret may pass at `now` (epoch milliseconds). Pure: the same arguments, the same decision.
 * Gives the first reason that applies, in the order of the contract. What is not known or not given denies.
 */
export function decide(state: KeyState, request: VerificationRequest, now: number): Decision {
  const { apiKey } = state;
  const { connections } = state.application;
  if (isGone(state, now)) return deny('revoked');
  if (hasPassed(apiKey.expiresAt, now)) return deny('expired');
  if (apiKey.disabledAt !== null) return deny('inactive');
  if (apiKey.environment !== request.environment) return deny('wrong_environment');
  if (apiKey.ipRanges !== null && (request.ip === null || !apiKey.ipRanges(request.ip))) {
    return deny('ip_not_allowed');
  }

  let required = request.scopes;
  if (request.endpoint !== null) {
    const { api, method, path } = request.endpoint;
    const matched = api === null || method === null || path === null ? null : api.match(method, path);
    if (api === null || matched === null) return deny('unknown_endpoint');
    if (!isConnected(connections, api.id, matched)) return deny('endpoint_not_connected');
    required = request.scopes.length === 0 ? matched.scopes : [...request.scopes, ...matched.scopes];
  }

  const { names, held } = effectiveScopes(apiKey.scopes, connections);
  if (!required.every((scope) => isSatisfied(scope, held, connections))) {
    return { ...deny('insufficient_scope'), requiredScopes: required };
  }
  return { allowed: true, scopes: names };
}

function deny(reason: DenialReason): Decision & { allowed: false } {
  return { allowed: false, reason };
}

/** Facts are not compared with `now`: a node whose clock lags must not use a key that another node has just revoked. */
function isGone({ apiKey, application, secret }: KeyState, now: number): boolean {
  return (
    apiKey.revokedAt !== null ||
    apiKey.deletedAt !== null ||
    application.deletedAt !== null ||
    secret.endedAt !== null ||
    hasPassed(secret.endsAt, now)
  );
}

/** Written as "not still to come", so that an instant or a clock that is no number counts as passed. */
function hasPassed(instant: number | null, now: number): boolean {
  return instant !== null && !(instant > now);
}

function isConnected(connections: readonly Connection[], apiId: string, endpoint: MatchedEndpoint): boolean {
  return connections.some(
    ({ api, endpoints }) => api.id === apiId && (endpoints === 'all' || endpoints.has(endpoint.id)),
  );
}

/** `<x>:full` stands for `<x>:read` only where one API declares both: only then do the two names belong together. */
function isSatisfied(scope: string, held: ReadonlySet<string>, connections: readonly Connection[]): boolean {
  if (held.has(scope)) return true;
  if (!scope.endsWith(READ) || scope === READ) return false;
  const full = scope.slice(0, -READ.length) + FULL;
  return (
    held.has(full) && connections.some(({ api }) => api.scopeNames.has(scope) && api.scopeNames.has(full))
  );
}
