import type { Reader } from '../../database/database.ts';
import { statusOf } from '../api-keys/api-key-status.ts';

export type StandingKey = {
  id: string;
  name: string;
  organization: { id: string; name: string };
  status: string;
};

/** What would end with a pepper. Lists hold the first 20; counts are of all. */
export type StandingUnder = {
  apiKeys: { count: number; first: StandingKey[] };
  managementKeys: { count: number; first: StandingKey[] };
  /** Management keys under other peppers that end with the ones above, because those made them. */
  madeByThem: { count: number; first: StandingKey[] };
  /** Secrets under it that are ended already, and would be `unknown_key` instead of `revoked` without it. */
  endedSecrets: number;
};

const shown = 20;

/**
 * The keys of all organizations that have a secret under this pepper and are not ended: active, inactive or expired
 * ones, since the last two can come back.
 */
export async function listStandingUnder(
  reader: Reader,
  version: number,
  now: number,
): Promise<StandingUnder> {
  const apiKeys = await selectStandingApiKeys(reader, version, now)
    .innerJoin('organization', 'organization.id', 'api_key.organization_id')
    .select(['api_key.id', 'api_key.name', 'organization.id as organizationId'])
    .select(['organization.name as organizationName', 'revoked_at', 'disabled_at', 'expires_at'])
    .distinct()
    .orderBy('api_key.id')
    .limit(shown)
    .execute();
  const { count } = await selectStandingApiKeys(reader, version, now)
    .select((eb) => eb.fn.count<number>('api_key.id').distinct().as('count'))
    .executeTakeFirstOrThrow();
  const { secrets } = await reader
    .selectFrom('secret')
    .select((eb) => eb.fn.countAll<number>().as('secrets'))
    .where('pepper_version', '=', version)
    .executeTakeFirstOrThrow();
  const { living } = await selectStandingApiKeys(reader, version, now)
    .select((eb) => eb.fn.countAll<number>().as('living'))
    .executeTakeFirstOrThrow();
  const management = await listManagementKeys(reader, version, now);
  return {
    apiKeys: { count: Number(count), first: apiKeys.map((row) => present(row, statusOf(row, now))) },
    managementKeys: cut(management.standing),
    madeByThem: cut(management.madeByThem),
    endedSecrets: Number(secrets) - Number(living),
  };
}

/** Secrets that are not ended, of API keys that are neither revoked nor deleted. */
export function selectStandingApiKeys(reader: Reader, version: number, now: number) {
  return reader
    .selectFrom('secret')
    .innerJoin('api_key', 'api_key.id', 'secret.api_key_id')
    .where('secret.pepper_version', '=', version)
    .where('secret.ended_at', 'is', null)
    .where((eb) => eb.or([eb('secret.ends_at', 'is', null), eb('secret.ends_at', '>', now)]))
    .where('api_key.revoked_at', 'is', null)
    .where('api_key.deleted_at', 'is', null);
}

/** Management keys are few: all that are not revoked are read, and followed from maker to made. */
async function listManagementKeys(reader: Reader, version: number, now: number) {
  const rows = await reader
    .selectFrom('management_key')
    .innerJoin('organization', 'organization.id', 'management_key.organization_id')
    .select(['management_key.id', 'management_key.name', 'pepper_version', 'created_by', 'expires_at'])
    .select(['organization.id as organizationId', 'organization.name as organizationName'])
    .where('revoked_at', 'is', null)
    .orderBy('management_key.id')
    .execute();
  const isLiving = (row: (typeof rows)[number]) => row.expires_at === null || row.expires_at > now;
  const standing = rows.filter((row) => row.pepper_version === version && isLiving(row));
  const ending = new Set(standing.map((row) => row.id));
  // Ids sort by creation, and a maker is older than what it made: one pass finds them all.
  const madeByThem = rows.filter((row) => {
    if (ending.has(row.id) || !ending.has(row.created_by)) return false;
    ending.add(row.id);
    return isLiving(row);
  });
  return {
    standing: standing.map((row) => present(row, 'active')),
    madeByThem: madeByThem.map((row) => present(row, 'active')),
  };
}

function present(
  row: { id: string; name: string; organizationId: string; organizationName: string },
  status: string,
): StandingKey {
  const organization = { id: row.organizationId, name: row.organizationName };
  return { id: row.id, name: row.name, organization, status };
}

function cut(keys: readonly StandingKey[]) {
  return { count: keys.length, first: keys.slice(0, shown) };
}
