import type { ApiKeyUse } from './uses.ts';

export type Environment = 'development' | 'staging' | 'production';

/** Why a presented secret may not pass, in the order in which the reasons are decided. */
export type DenialReason =
  | 'malformed'
  | 'unknown_key'
  | 'revoked'
  | 'expired'
  | 'inactive'
  | 'wrong_environment'
  | 'ip_not_allowed'
  | 'unknown_endpoint'
  | 'endpoint_not_connected'
  | 'insufficient_scope';

/** `scopes`: what the endpoint asks for; all of them are required. */
export type MatchedEndpoint = { id: string; scopes: readonly string[] };

/** An API made ready for matching. `path` is the raw request target. null: no endpoint of this API, or not a path that may pass. */
export type CompiledApi = {
  id: string;
  slug: string;
  scopeNames: ReadonlySet<string>;
  /** Its scopes and endpoints, counted: about what it takes in memory. */
  parts: number;
  match: (method: string, path: string) => MatchedEndpoint | null;
};

/** What an application may call at one API: everything, or the endpoints with these ids. */
export type Connection = { api: CompiledApi; endpoints: 'all' | ReadonlySet<string> };

/** A scope, and the API that it was granted for: it gives nothing at another API that has the same name. */
export type ScopeGrant = { name: string; apiId: string };

/**
 * One secret with its API key, as the database had it at one instant: what the cache of keys holds, so each field counts. Instants
 * are epoch milliseconds. `revokedAt`, `disabledAt`, `deletedAt` and `endedAt` are facts: not null means now. `expiresAt` and
 * `endsAt` (of the secret) are plans.
 */
export type KeyEntry = {
  secretId: string;
  endsAt: number | null;
  endedAt: number | null;
  id: string;
  name: string;
  organizationId: string;
  applicationId: string;
  profileId: string | null;
  environment: Environment;
  scopes: readonly ScopeGrant[];
  expiresAt: number | null;
  /** ISO 8601: to write it anew would take as long as the rest of a verification. */
  expiresAtText: string | null;
  disabledAt: number | null;
  revokedAt: number | null;
  deletedAt: number | null;
  /** null: no IP list, every address may call. */
  ipRanges: null | ((ip: string) => boolean);
  metadata: Readonly<Record<string, unknown>>;
  /** Where its last use is noted: see uses.ts. */
  lastUse: ApiKeyUse | null;
};

/** An application with what it may call, as of one instant. */
export type ApplicationEntry = {
  id: string;
  title: string;
  deletedAt: number | null;
  connections: readonly Connection[];
};

export type ProfileEntry = { id: string; name: string; settings: unknown };

/** All that a decision depends on, besides what is asked. */
export type KeyState = {
  apiKey: Pick<
    KeyEntry,
    'environment' | 'scopes' | 'expiresAt' | 'disabledAt' | 'revokedAt' | 'deletedAt' | 'ipRanges'
  >;
  secret: Pick<KeyEntry, 'endsAt' | 'endedAt'>;
  application: Pick<ApplicationEntry, 'deletedAt' | 'connections'>;
};

/**
 * What the verifier asks to be allowed. `endpoint` null: no endpoint check was asked for (none of api, method and path was
 * given). `endpoint.api` null: not given, or not known in the organization.
 */
export type VerificationRequest = {
  environment: Environment;
  ip: string | null;
  /** Scopes that the caller requires, besides those of the endpoint. */
  scopes: readonly string[];
  endpoint: null | { api: CompiledApi | null; method: string | null; path: string | null };
};

/**
 * `scopes` of an allowance: the key's scopes that a connected API still declares. `requiredScopes` goes with
 * `insufficient_scope`: all that would be needed, those of the endpoint among them.
 */
export type Decision =
  | { allowed: true; scopes: readonly string[] }
  | { allowed: false; reason: DenialReason; requiredScopes?: readonly string[] };
