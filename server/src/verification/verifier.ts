import type { Coherence } from '../coherence/coherence.ts';
import type { CoherentCache } from '../coherence/coherent-cache.ts';
import type { Database } from '../database/database.ts';
import type { Clock } from '../lib/clock.ts';
import { digestSecret, type Peppers, pepperedHashes } from '../lib/peppers.ts';
import { UnavailableError } from '../lib/unavailable-error.ts';
import { apiCacheKey, createVerificationCaches, type VerificationCaches } from './caches.ts';
import { conclude, type Verification, type VerifyInput } from './conclude.ts';
import { type KeyRow, prepareFindKeyRow } from './find-key-row.ts';
import { prepareFindOrganization } from './find-organization.ts';
import { prepareFindProfile } from './find-profile.ts';
import { createApiLoader } from './load-api.ts';
import { createApplicationLoader } from './load-application.ts';
import { createConnectionLoader } from './load-connections.ts';
import { createPepperMover } from './move-pepper.ts';
import { parseSecret } from './parse-secret.ts';
import { createKeyEntryReader } from './read-key-entry.ts';
import type { ApplicationEntry, CompiledApi, KeyEntry, ProfileEntry } from './types.ts';
import type { Uses } from './uses.ts';

export type Verifier = {
  /**
   * At once where all that the decision depends on is at hand; else when it was read.
   * @throws UnavailableError (or rejects with it) where no decision can be made.
   */
  verify: (input: VerifyInput) => Verification | Promise<Verification>;
  caches: VerificationCaches;
};

export type VerifierGiven = {
  database: Database;
  peppers: Peppers;
  clock: Clock;
  uses: Uses;
  coherence: Coherence;
  /** How much the cache of keys may take; 0: none is kept, and each verification reads its key. */
  cacheBytes: number;
};

const unknown: Verification = { allowed: false, reason: 'unknown_key' };
const malformed: Verification = { allowed: false, reason: 'malformed' };
const mostAttempts = 5;

/**
 * Makes the verifier. While its caches are coherent (coherence/coherence.ts) it answers from them; while they are not, each
 * verification uses what it reads itself, after it came. Either way nothing older than the last change that has returned counts.
 */
export function createVerifier(given: VerifierGiven): Verifier {
  const { database, peppers, clock, uses, coherence } = given;
  const findKeyRow = prepareFindKeyRow(database, peppers.size);
  const readEntry = createKeyEntryReader();
  // Where everything is to be forgotten the database may have been put back: a revision from before can come again.
  let life = 0;
  coherence.onChange((changes) => {
    if (changes === 'everything') life += 1;
  });
  const apis = createApiLoader(database, undefined, () => life);
  const loadConnections = createConnectionLoader(database, apis, () => life);
  const loadApplication = createApplicationLoader(database, loadConnections);
  const findOrganization = prepareFindOrganization(database);
  const findProfile = prepareFindProfile(database);
  const moveToNewestPepper = createPepperMover(database, peppers, uses);
  const caches = createVerificationCaches(coherence, given.cacheBytes);

  function verify(input: VerifyInput): Verification | Promise<Verification> {
    const digest = digestSecret(input.secret);
    if (!coherence.isCurrent()) return verifyByReading(input, digest);
    const entry = caches.keys?.peek(digest);
    if (entry === null) return unknown;
    return (entry && concludeAtOnce(entry, input)) ?? verifyThroughCaches(input, digest);
  }

  /** What is kept, if it may be used now; else it is read. */
  function recall<Value extends object>(
    cache: CoherentCache<Value>,
    key: string,
    read: () => Promise<Value | undefined>,
  ): Value | null | Promise<Value | null> {
    const known = coherence.isCurrent() ? cache.peek(key) : undefined;
    return known === undefined ? cache.load(key, read) : known;
  }

  /** Undefined: something that the decision depends on is not at hand. */
  function concludeAtOnce(entry: KeyEntry, input: VerifyInput): Verification | undefined {
    if (!isAskedFor(entry, input)) return unknown;
    const application = caches.applications.peek(entry.applicationId);
    if (application === undefined || application === null) return undefined;
    const profile = entry.profileId === null ? null : caches.profiles.peek(entry.profileId);
    if (profile === undefined) return undefined;
    const api =
      findConnected(application, input.api) ??
      (input.api === null ? null : caches.apis.peek(apiCacheKey(input.organizationId, input.api)));
    if (api === undefined) return undefined;
    return finish(entry, application, profile, api, input);
  }

  async function verifyThroughCaches(input: VerifyInput, digest: string): Promise<Verification> {
    const named = namespaceOf(input);
    const namespace = named instanceof Promise ? await named : named;
    if (namespace === 'malformed') return malformed;
    const read = async () => {
      const row = await findKeyRow(pepperedHashes(peppers, digest, namespace));
      if (row === undefined) return undefined;
      if (peppers.size > 1) await moveToNewestPepper(row, digest, namespace);
      return readEntry(row);
    };
    const key = namespace === undefined ? digest : digest + namespace;
    const entry = await (caches.keys === undefined ? read() : recall(caches.keys, key, read));
    if (entry === undefined || entry === null || !isAskedFor(entry, input)) return unknown;
    const { applicationId, profileId } = entry;
    const application = await recall(caches.applications, applicationId, () =>
      loadApplication(applicationId),
    );
    if (application === null) return unknown;
    const profile =
      profileId === null ? null : await recall(caches.profiles, profileId, () => findProfile(profileId));
    const api =
      findConnected(application, input.api) ?? (input.api === null ? null : await findApi(input, input.api));
    return finish(entry, application, profile, api, input);
  }

  /** One statement; what is kept of connections and APIs is kept by the revision that it brings along. */
  async function verifyByReading(input: VerifyInput, digest: string): Promise<Verification> {
    const namespace = await namespaceOf(input);
    if (namespace === 'malformed') return malformed;
    const hashes = pepperedHashes(peppers, digest, namespace);
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const row = await findKeyRow(hashes);
      if (row === undefined || !isAskedFor(readEntry(row), input)) return unknown;
      const connections = await loadConnections(row.application_id, row.access_revision);
      // It has moved on since the row was read.
      if (connections === undefined) continue;
      const application = applicationOf(row, connections);
      const api =
        findConnected(application, input.api) ??
        (input.api === null ? null : ((await apis.find(input.organizationId, input.api)) ?? null));
      if (peppers.size > 1) await moveToNewestPepper(row, digest, namespace);
      return finish(readEntry(row), application, profileOf(row), api, input);
    }
    throw new UnavailableError('changing_too_fast');
  }

  /**
   * What the secret's hash is taken with: an organization for a foreign secret, nothing for our own. A management key is no API key,
   * and is told no more than any other text.
   */
  function namespaceOf(input: VerifyInput): undefined | 'malformed' | Promise<string> {
    const { kind } = parseSecret(input.secret);
    if (kind === 'api_key') return undefined;
    return kind === 'foreign' ? foreignNamespaceOf(input) : 'malformed';
  }

  async function foreignNamespaceOf({ organizationId }: VerifyInput): Promise<string> {
    const organization = await recall(caches.organizations, organizationId, () =>
      findOrganization(organizationId),
    );
    return organization?.hasImports ? organizationId : 'malformed';
  }

  function findApi({ organizationId }: VerifyInput, idOrSlug: string) {
    return recall(caches.apis, apiCacheKey(organizationId, idOrSlug), () =>
      apis.find(organizationId, idOrSlug),
    );
  }

  function finish(
    entry: KeyEntry,
    application: ApplicationEntry,
    profile: ProfileEntry | null,
    api: CompiledApi | null,
    input: VerifyInput,
  ): Verification {
    // A clock that lags must not lengthen the life of a key.
    const now = Math.floor(Math.max(clock(), coherence.databaseTime()));
    const verification = conclude({ entry, application, profile, api }, input, now);
    if (verification.allowed) uses.apiKey(entry, now, input.ip, input.userAgent);
    return verification;
  }

  return { verify, caches };
}

/** One answer for a key that is nowhere, elsewhere, or not the one that was named: none can be told from another. */
function isAskedFor(entry: KeyEntry, { organizationId, apiKeyId }: VerifyInput): boolean {
  return entry.organizationId === organizationId && (apiKeyId === null || apiKeyId === entry.id);
}

function findConnected({ connections }: ApplicationEntry, idOrSlug: string | null): CompiledApi | undefined {
  if (idOrSlug === null) return undefined;
  for (const { api } of connections) if (api.slug === idOrSlug || api.id === idOrSlug) return api;
  return undefined;
}

function applicationOf(row: KeyRow, connections: ApplicationEntry['connections']): ApplicationEntry {
  return {
    id: row.application_id,
    title: row.application_title,
    deletedAt: row.application_deleted_at,
    connections,
  };
}

function profileOf(row: KeyRow): ProfileEntry | null {
  if (row.profile_id === null) return null;
  const settings: unknown = JSON.parse(row.profile_settings ?? 'null');
  return { id: row.profile_id, name: row.profile_name ?? '', settings };
}
