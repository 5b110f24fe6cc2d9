import type { Reader } from '../../database/database.ts';
import type { ApiKeyTable, ManagementKeyTable } from '../../database/schema.ts';

type Ends = Pick<ApiKeyTable, 'deleted_at' | 'revoked_at' | 'disabled_at' | 'expires_at'>;

/** Something that was ended in the database that is replaced, and would live again in the one that replaces it. */
export type RevivedKey = {
  kind: 'api_key' | 'secret' | 'management_key';
  id: string;
  /** The API key's or management key's; a secret has that of its API key. */
  name: string;
  apiKeyId: string | null;
  organizationId: string;
  since: 'deleted' | 'revoked' | 'expired' | 'inactive' | 'secret_ended';
  /** What to write, to end it again as it was ended. */
  ends: Partial<Ends> & { ended_at?: number };
};

export type Revival = {
  revived: RevivedKey[];
  /** API keys that were made since, and will be unknown. */
  lost: number;
  /** API keys that were changed otherwise since (scopes, addresses, name …), and will be as they were. */
  changedOtherwise: number;
};

const pageSize = 500;
const apiKeyColumns = [
  ...(['id', 'organization_id', 'name', 'deleted_at', 'revoked_at', 'disabled_at', 'expires_at'] as const),
  'revision' as const,
];

/**
 * Compares the database that is replaced with the one that replaces it, key by key. What is final there already stays out.
 */
export async function listRevivedKeys(replaced: Reader, restored: Reader, now: number): Promise<Revival> {
  const found: Revival = { revived: [], lost: 0, changedOtherwise: 0 };
  for await (const page of pagesById((after) => selectApiKeys(replaced, after))) {
    const there = await byId(restored, page);
    for (const key of page) {
      const again = there.get(key.id);
      if (again === undefined) {
        if (key.deleted_at === null && key.revoked_at === null) found.lost += 1;
        continue;
      }
      const ends = endsToCarryOver(key, again, now);
      const [since] = Object.keys(ends);
      if (since !== undefined) found.revived.push(present('api_key', key, sinceOf(since), ends));
      else if (key.revision > again.revision) found.changedOtherwise += 1;
    }
  }
  const ended = new Set(found.revived.filter((key) => isFinal(key.ends)).map((key) => key.id));
  for await (const page of pagesById((after) => selectEndedSecrets(replaced, after, now))) {
    const there = await livingSecrets(
      restored,
      page.map((secret) => secret.id),
      now,
    );
    for (const secret of page) {
      if (!there.has(secret.id) || ended.has(secret.api_key_id)) continue;
      const ends = { ended_at: secret.ended_at ?? secret.ends_at ?? now };
      found.revived.push({ ...present('secret', secret, 'secret_ended', ends), apiKeyId: secret.api_key_id });
    }
  }
  for await (const page of pagesById((after) => selectRevokedManagementKeys(replaced, after))) {
    const there = await restored
      .selectFrom('management_key')
      .select('id')
      .where(
        'id',
        'in',
        page.map((key) => key.id),
      )
      .where('revoked_at', 'is', null)
      .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
      .execute();
    const living = new Set(there.map((key) => key.id));
    for (const key of page) {
      if (!living.has(key.id)) continue;
      found.revived.push(present('management_key', key, 'revoked', { revoked_at: key.revoked_at }));
    }
  }
  return found;
}

/** The instants that are missing where the key would live again; the most final first. */
function endsToCarryOver(was: Ends, is: Ends, now: number): Partial<Ends> {
  if (is.deleted_at !== null) return {};
  const ends: Partial<Ends> = {};
  if (was.deleted_at !== null) ends.deleted_at = was.deleted_at;
  if (is.revoked_at !== null) return ends;
  if (was.revoked_at !== null) ends.revoked_at = was.revoked_at;
  const expired = was.expires_at !== null && was.expires_at <= now;
  if (expired && (is.expires_at === null || is.expires_at > now)) ends.expires_at = was.expires_at;
  if (was.disabled_at !== null && is.disabled_at === null) ends.disabled_at = was.disabled_at;
  return ends;
}

function isFinal(ends: Partial<Ends>): boolean {
  return 'deleted_at' in ends || 'revoked_at' in ends;
}

function sinceOf(column: string): RevivedKey['since'] {
  if (column === 'deleted_at') return 'deleted';
  if (column === 'revoked_at') return 'revoked';
  return column === 'expires_at' ? 'expired' : 'inactive';
}

function present(
  kind: RevivedKey['kind'],
  row: { id: string; name: string; organization_id: string },
  since: RevivedKey['since'],
  ends: RevivedKey['ends'],
): RevivedKey {
  return {
    kind,
    id: row.id,
    name: row.name,
    apiKeyId: null,
    organizationId: row.organization_id,
    since,
    ends,
  };
}

async function* pagesById<Row extends { id: string }>(
  select: (after: string) => Promise<Row[]>,
): AsyncGenerator<Row[]> {
  for (let after = ''; ; ) {
    const page = await select(after);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = last.id;
  }
}

function selectApiKeys(reader: Reader, after: string) {
  return reader
    .selectFrom('api_key')
    .select(apiKeyColumns)
    .where('id', '>', after)
    .orderBy('id')
    .limit(pageSize)
    .execute();
}

async function byId(reader: Reader, page: readonly { id: string }[]) {
  const rows = await reader
    .selectFrom('api_key')
    .select(apiKeyColumns)
    .where(
      'id',
      'in',
      page.map((key) => key.id),
    )
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

function selectEndedSecrets(reader: Reader, after: string, now: number) {
  return reader
    .selectFrom('secret')
    .innerJoin('api_key', 'api_key.id', 'secret.api_key_id')
    .select(['secret.id', 'secret.api_key_id', 'secret.organization_id', 'secret.ended_at', 'secret.ends_at'])
    .select('api_key.name')
    .where((eb) => eb.or([eb('secret.ended_at', 'is not', null), eb('secret.ends_at', '<=', now)]))
    .where('secret.id', '>', after)
    .orderBy('secret.id')
    .limit(pageSize)
    .execute();
}

async function livingSecrets(reader: Reader, ids: readonly string[], now: number): Promise<Set<string>> {
  const rows = await reader
    .selectFrom('secret')
    .innerJoin('api_key', 'api_key.id', 'secret.api_key_id')
    .select('secret.id')
    .where('secret.id', 'in', ids)
    .where('secret.ended_at', 'is', null)
    .where((eb) => eb.or([eb('secret.ends_at', 'is', null), eb('secret.ends_at', '>', now)]))
    .where('api_key.revoked_at', 'is', null)
    .where('api_key.deleted_at', 'is', null)
    .execute();
  return new Set(rows.map((row) => row.id));
}

function selectRevokedManagementKeys(
  reader: Reader,
  after: string,
): Promise<Pick<ManagementKeyTable, 'id' | 'name' | 'organization_id' | 'revoked_at'>[]> {
  return reader
    .selectFrom('management_key')
    .select(['id', 'name', 'organization_id', 'revoked_at'])
    .where('revoked_at', 'is not', null)
    .where('id', '>', after)
    .orderBy('id')
    .limit(pageSize)
    .execute();
}
