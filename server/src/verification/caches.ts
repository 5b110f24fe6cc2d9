import type { ChangeRow, Coherence } from '../coherence/coherence.ts';
import { type CoherentCache, createCoherentCache } from '../coherence/coherent-cache.ts';
import { sizeOfKeyEntry } from './read-key-entry.ts';
import type { ApplicationEntry, CompiledApi, KeyEntry, ProfileEntry } from './types.ts';

export type OrganizationEntry = { id: string; hasImports: boolean };

export type VerificationCaches = {
  /** By the SHA-256 of the secret, and for foreign secrets the organization's id after it. Undefined: switched off. */
  keys: CoherentCache<KeyEntry> | undefined;
  applications: CoherentCache<ApplicationEntry>;
  profiles: CoherentCache<ProfileEntry>;
  /** By organization and name, for APIs that an application is not connected to: `apiCacheKey`. */
  apis: CoherentCache<CompiledApi>;
  organizations: CoherentCache<OrganizationEntry>;
};

/** Kinds of subjects in the change log that verification knows; any other makes every cache forget everything. */
const known: ReadonlySet<string> = new Set([
  'organization',
  'team',
  'application',
  'api',
  'profile',
  'policy',
  'api_key',
  'management_key',
]);

const mostUnknownSecrets = 50_000;
const mostAbsent = 1_000;
/** Scopes, endpoints and listed endpoints, at up to 1.3 kB each where they are not shared. */
const mostParts = 600_000;
const mostProfileBytes = 32_000_000;
const mostOrganizations = 100_000;

/** What verifications keep of the database. The change log makes each forget what its kind of subject says. */
export function createVerificationCaches(coherence: Coherence, keyBytes: number): VerificationCaches {
  /** Forgets what is named by a change of `kind`; everything by one of `all`, and by a kind that is not known. */
  const forgetting = (kind: string, all: readonly string[] = []) => ({
    forgets: (change: ChangeRow) => {
      if (change.kind === kind) return { subject: change.subject };
      return known.has(change.kind) && !all.includes(change.kind) ? 'nothing' : 'everything';
    },
    absentMayAppear: (change: ChangeRow) =>
      change.kind === kind || all.includes(change.kind) || !known.has(change.kind),
  });

  return {
    keys:
      keyBytes === 0
        ? undefined
        : createCoherentCache<KeyEntry>(coherence, {
            maxBytes: keyBytes,
            sizeOf: sizeOfKeyEntry,
            maxAbsent: mostUnknownSecrets,
            subjectOf: (entry) => entry.id,
            ...forgetting('api_key'),
          }),
    applications: createCoherentCache<ApplicationEntry>(coherence, {
      maxBytes: mostParts,
      sizeOf: ({ connections }) => connections.reduce((sum, each) => sum + partsOf(each), 1),
      maxAbsent: mostAbsent,
      subjectOf: (entry) => entry.id,
      // What it may call holds its APIs, too.
      ...forgetting('application', ['api']),
    }),
    profiles: createCoherentCache<ProfileEntry>(coherence, {
      maxBytes: mostProfileBytes,
      sizeOf: (profile) => 200 + 4 * JSON.stringify(profile.settings).length,
      maxAbsent: mostAbsent,
      subjectOf: (profile) => profile.id,
      ...forgetting('profile'),
    }),
    apis: createCoherentCache<CompiledApi>(coherence, {
      maxBytes: mostParts,
      sizeOf: (api) => api.parts,
      maxAbsent: mostAbsent,
      subjectOf: (api) => api.id,
      // A slug that was another API's may be this one's now.
      ...forgetting('api', ['api']),
    }),
    organizations: createCoherentCache<OrganizationEntry>(coherence, {
      maxBytes: mostOrganizations,
      sizeOf: () => 1,
      maxAbsent: mostAbsent,
      subjectOf: (organization) => organization.id,
      ...forgetting('organization'),
    }),
  };
}

function partsOf({ api, endpoints }: ApplicationEntry['connections'][number]): number {
  return api.parts + (endpoints === 'all' ? 0 : endpoints.size);
}

/** A slug never holds a slash. */
export function apiCacheKey(organizationId: string, idOrSlug: string): string {
  return `${organizationId}/${idOrSlug}`;
}
