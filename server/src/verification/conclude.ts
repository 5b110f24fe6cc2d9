import { decide } from './decide.ts';
import type {
  ApplicationEntry,
  CompiledApi,
  DenialReason,
  Environment,
  KeyEntry,
  ProfileEntry,
} from './types.ts';

/** What is asked: may this secret pass? Of null nothing was given; what depends on it then denies. */
export type VerifyInput = {
  organizationId: string;
  secret: string;
  /** Presented beside the secret: the two must belong together. */
  apiKeyId: string | null;
  /** The API's id or slug. */
  api: string | null;
  method: string | null;
  /** The raw request target. */
  path: string | null;
  scopes: readonly string[];
  environment: Environment;
  ip: string | null;
  userAgent: string | null;
};

/**
 * One decision: a value, never an exception. `apiKey` names a known key in a denial too. `requiredScopes` goes with
 * `insufficient_scope`, and is no part of what the API answers.
 */
export type Verification =
  | {
      allowed: true;
      apiKey: {
        id: string;
        name: string;
        environment: Environment;
        scopes: readonly string[];
        expiresAt: string | null;
        metadata: Readonly<Record<string, unknown>>;
      };
      application: { id: string; title: string };
      organization: { id: string };
      profile: ProfileEntry | null;
    }
  | {
      allowed: false;
      reason: DenialReason;
      apiKey?: { id: string; name: string };
      requiredScopes?: readonly string[];
    };

/** All that is known of what was asked. `api` null: not named, or not known in the organization. */
export type Known = {
  entry: KeyEntry;
  application: ApplicationEntry;
  profile: ProfileEntry | null;
  api: CompiledApi | null;
};

/** The decision on a known key at `now` (epoch milliseconds), with what a caller is told of it. Pure. */
export function conclude(
  { entry, application, profile, api }: Known,
  asked: VerifyInput,
  now: number,
): Verification {
  const { method, path } = asked;
  const isEndpointAsked = asked.api !== null || method !== null || path !== null;
  const decision = decide(
    { apiKey: entry, secret: entry, application },
    {
      environment: asked.environment,
      ip: asked.ip,
      scopes: asked.scopes,
      endpoint: isEndpointAsked ? { api, method, path } : null,
    },
    now,
  );
  const { id, name } = entry;
  if (!decision.allowed) return { ...decision, apiKey: { id, name } };
  return {
    allowed: true,
    apiKey: {
      id,
      name,
      environment: entry.environment,
      scopes: decision.scopes,
      expiresAt: entry.expiresAtText,
      metadata: entry.metadata,
    },
    application: { id: application.id, title: application.title },
    organization: { id: entry.organizationId },
    profile,
  };
}
