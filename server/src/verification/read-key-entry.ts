import { LRUCache } from 'lru-cache';
import { compileIpRanges } from '../lib/ip-range.ts';
import type { KeyRow } from './find-key-row.ts';
import type { KeyEntry, ScopeGrant } from './types.ts';

const mostShared = 10_000;

/**
 * Makes the function that turns a row into what the cache keeps of it. Texts that many keys have in common, and what is made of
 * them, are one object for all: at a million keys they would be most of the memory.
 */
export function createKeyEntryReader(): (row: KeyRow) => KeyEntry {
  const texts = new LRUCache<string, string>({ max: mostShared });
  const grants = new LRUCache<string, readonly ScopeGrant[]>({ max: mostShared });

  function share(text: string): string {
    const known = texts.get(text);
    if (known !== undefined) return known;
    texts.set(text, text);
    return text;
  }

  function readScopes(text: string): readonly ScopeGrant[] {
    const known = grants.get(text);
    if (known !== undefined) return known;
    const read = Object.entries(JSON.parse(text) as Record<string, string>).map(([name, apiId]) => ({
      name,
      apiId,
    }));
    grants.set(text, read);
    return read;
  }

  return (row) => ({
    secretId: row.secret_id,
    endsAt: row.ends_at,
    endedAt: row.ended_at,
    id: row.key_id,
    name: row.key_name,
    organizationId: share(row.organization_id),
    applicationId: share(row.application_id),
    profileId: row.profile_id === null ? null : share(row.profile_id),
    environment: share(row.environment) as KeyEntry['environment'],
    scopes: readScopes(row.scopes),
    expiresAt: row.expires_at,
    expiresAtText: row.expires_at === null ? null : new Date(row.expires_at).toISOString(),
    disabledAt: row.disabled_at,
    revokedAt: row.revoked_at,
    deletedAt: row.key_deleted_at,
    ipRanges: row.ip_allowlist === null ? null : compileIpRanges(JSON.parse(row.ip_allowlist) as string[]),
    metadata: row.metadata === '{}' ? none : (JSON.parse(row.metadata) as Record<string, unknown>),
    lastUse: null,
  });
}

const none: KeyEntry['metadata'] = Object.freeze({});

/** Bytes of an entry with its places in the cache, measured at a million keys, beside the texts that are its own. */
const fixedSize = 420;

/** About how many bytes an entry takes. What was parsed takes several times its text. */
export function sizeOfKeyEntry(entry: KeyEntry): number {
  const metadata = entry.metadata === none ? 0 : 64 + 6 * JSON.stringify(entry.metadata).length;
  return fixedSize + entry.name.length * 2 + (entry.ipRanges === null ? 0 : 4_000) + metadata;
}
