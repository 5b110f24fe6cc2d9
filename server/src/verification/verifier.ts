import type { Database } from '../database/database.ts';
import { prepareActivePepper } from '../database/prepare-active-pepper.ts';
import type { Clock } from '../lib/clock.ts';
import { compileIpRanges } from '../lib/ip-range.ts';
import { digestSecret, type Peppers, pepperedHash, pepperedHashes } from '../lib/peppers.ts';
import { UnavailableError } from '../lib/unavailable-error.ts';
import { decide } from './decide.ts';
import { type KeyRow, prepareFindKeyRow } from './find-key-row.ts';
import { createApiLoader } from './load-api.ts';
import { createConnectionLoader } from './load-connections.ts';
import { parseSecret } from './parse-secret.ts';
import type { CompiledApi, DenialReason, Environment, KeyState, VerificationRequest } from './types.ts';
import type { Uses } from './uses.ts';

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
        metadata: Record<string, unknown>;
      };
      application: { id: string; title: string };
      organization: { id: string };
      profile: { id: string; name: string; settings: unknown } | null;
    }
  | {
      allowed: false;
      reason: DenialReason;
      apiKey?: { id: string; name: string };
      requiredScopes?: readonly string[];
    };

export type Verifier = {
  /** @throws UnavailableError where no decision can be made. */
  verify: (input: VerifyInput) => Promise<Verification>;
  findApi: (organizationId: string, idOrSlug: string) => Promise<CompiledApi | undefined>;
};

/**
 * Makes the verifier. It keeps no state of any key: each verification reads the database, so a change holds from its commit
 * on. What it does keep (compiled endpoints, connections) it keeps by a revision that each reading brings along.
 */
export function createVerifier(given: {
  database: Database;
  peppers: Peppers;
  clock: Clock;
  uses: Uses;
}): Verifier {
  const { database, peppers, clock, uses } = given;
  const findKeyRow = prepareFindKeyRow(database, peppers.size);
  const apis = createApiLoader(database);
  const loadConnections = createConnectionLoader(database, apis);
  const readImports = database.prepare<{ first_import_at: number | null }>(
    database.read.selectFrom('organization').select('first_import_at').where('id', '=', '').compile(),
  );
  const readActivePepper = prepareActivePepper(database);

  /** The hashes to look for, or why there is nothing to look for: then the database is not asked. */
  function hashesOf(
    input: VerifyInput,
  ): readonly string[] | 'malformed' | Promise<readonly string[] | 'malformed'> {
    const parsed = parseSecret(input.secret);
    // A management key is no API key, and is told no more than any other text.
    if (parsed.kind === 'malformed' || parsed.kind === 'management_key') return 'malformed';
    if (parsed.kind === 'api_key') return pepperedHashes(peppers, digestSecret(input.secret));
    return foreignHashesOf(input);
  }

  async function foreignHashesOf(input: VerifyInput): Promise<readonly string[] | 'malformed'> {
    const [organization] = await readImports([input.organizationId]);
    if (organization?.first_import_at == null) return 'malformed';
    return pepperedHashes(peppers, digestSecret(input.secret), input.organizationId);
  }

  async function decideOn(row: KeyRow, input: VerifyInput): Promise<Verification | 'moved on'> {
    const connections = await loadConnections(row.application_id, row.access_revision);
    if (connections === undefined) return 'moved on';
    const state = toKeyState(row, connections);
    const endpoint = await toEndpointCheck(state, input);
    const now = clock();
    const decision = decide(
      state,
      { environment: input.environment, ip: input.ip, scopes: input.scopes, endpoint },
      now,
    );
    const apiKey = { id: row.key_id, name: row.key_name };
    if (!decision.allowed) return { ...decision, apiKey };
    uses.apiKey({
      apiKeyId: row.key_id,
      organizationId: row.organization_id,
      at: now,
      ip: input.ip,
      userAgent: input.userAgent,
    });
    return {
      allowed: true,
      apiKey: {
        ...apiKey,
        environment: row.environment,
        scopes: decision.scopes,
        expiresAt: row.expires_at === null ? null : new Date(row.expires_at).toISOString(),
        metadata: state.apiKey.metadata,
      },
      application: { id: row.application_id, title: row.application_title },
      organization: { id: row.organization_id },
      profile: state.profile,
    };
  }

  async function toEndpointCheck(
    state: KeyState,
    input: VerifyInput,
  ): Promise<VerificationRequest['endpoint']> {
    const { api, method, path } = input;
    if (api === null && method === null && path === null) return null;
    if (api === null) return { api: null, method, path };
    const connected = state.connections.find(
      (connection) => connection.api.id === api || connection.api.slug === api,
    );
    // Not connected is a denial in any case; the API is looked up to name the right reason.
    const found = connected?.api ?? (await apis.find(input.organizationId, api)) ?? null;
    return { api: found, method, path };
  }

  /** An old pepper goes out of use as the secrets under it are presented. */
  async function moveToNewestPepper(row: KeyRow, input: VerifyInput): Promise<void> {
    const newest = await readActivePepper();
    if (newest === undefined || newest <= row.pepper_version || !peppers.has(newest)) return;
    const namespace = parseSecret(input.secret).kind === 'foreign' ? input.organizationId : undefined;
    uses.movePepper({
      table: 'secret',
      id: row.secret_id,
      oldHash: row.secret_hash,
      newHash: pepperedHash(peppers, newest, digestSecret(input.secret), namespace),
      newVersion: newest,
    });
  }

  async function verify(input: VerifyInput): Promise<Verification> {
    const hashes = await hashesOf(input);
    if (hashes === 'malformed') return { allowed: false, reason: 'malformed' };
    for (let attempt = 0; attempt < 5; attempt++) {
      const row = await findKeyRow(hashes);
      // One answer for a key that is nowhere, elsewhere, or not the one that was named: none can be told from another.
      if (row === undefined || row.organization_id !== input.organizationId) return unknown;
      if (input.apiKeyId !== null && input.apiKeyId !== row.key_id) return unknown;
      const verification = await decideOn(row, input);
      if (verification === 'moved on') continue;
      if (peppers.size > 1 && verification.allowed) await moveToNewestPepper(row, input);
      return verification;
    }
    throw new UnavailableError('changing_too_fast');
  }

  return { verify, findApi: apis.find };
}

const unknown: Verification = { allowed: false, reason: 'unknown_key' };

function toKeyState(row: KeyRow, connections: KeyState['connections']): KeyState {
  return {
    organization: { id: row.organization_id },
    application: {
      id: row.application_id,
      title: row.application_title,
      deletedAt: row.application_deleted_at,
    },
    apiKey: {
      id: row.key_id,
      name: row.key_name,
      environment: row.environment,
      scopes: Object.entries(JSON.parse(row.scopes) as Record<string, string>).map(([name, apiId]) => ({
        name,
        apiId,
      })),
      expiresAt: row.expires_at,
      disabledAt: row.disabled_at,
      revokedAt: row.revoked_at,
      deletedAt: row.key_deleted_at,
      ipRanges: row.ip_allowlist === null ? null : compileIpRanges(JSON.parse(row.ip_allowlist) as string[]),
      metadata: JSON.parse(row.metadata) as Record<string, unknown>,
    },
    secret: { id: row.secret_id, endsAt: row.ends_at, endedAt: row.ended_at },
    profile:
      row.profile_id === null
        ? null
        : {
            id: row.profile_id,
            name: row.profile_name ?? '',
            settings: JSON.parse(row.profile_settings ?? 'null') as unknown,
          },
    connections,
  };
}
