import type { Database } from '../database/database.ts';
import type { Environment } from './types.ts';

/** One secret with all that it belongs to, as the database has it at one instant. JSON is still text. */
export type KeyRow = {
  secret_id: string;
  secret_hash: string;
  pepper_version: number;
  ends_at: number | null;
  ended_at: number | null;
  key_id: string;
  key_name: string;
  organization_id: string;
  environment: Environment;
  scopes: string;
  ip_allowlist: string | null;
  metadata: string;
  expires_at: number | null;
  disabled_at: number | null;
  revoked_at: number | null;
  key_deleted_at: number | null;
  application_id: string;
  application_title: string;
  application_deleted_at: number | null;
  access_revision: number;
  profile_id: string | null;
  profile_name: string | null;
  profile_settings: string | null;
};

/**
 * The one query of the hot path: everything about a secret in one statement, so in one snapshot, by its hash under any
 * of `peppers` peppers. A hit and a miss cost the same number of statements.
 */
export function prepareFindKeyRow(
  database: Database,
  peppers: number,
): (hashes: readonly string[]) => Promise<KeyRow | undefined> {
  const query = database.read
    .selectFrom('secret')
    .innerJoin('api_key', 'api_key.id', 'secret.api_key_id')
    .innerJoin('application', 'application.id', 'api_key.application_id')
    .leftJoin('profile', 'profile.id', 'api_key.profile_id')
    .where(
      'secret.hash',
      'in',
      Array.from({ length: peppers }, () => ''),
    )
    .select([
      'secret.id as secret_id',
      'secret.hash as secret_hash',
      'secret.pepper_version',
      'secret.ends_at',
      'secret.ended_at',
      'api_key.id as key_id',
      'api_key.name as key_name',
      'api_key.organization_id',
      'api_key.environment',
      'api_key.scopes',
      'api_key.ip_allowlist',
      'api_key.metadata',
      'api_key.expires_at',
      'api_key.disabled_at',
      'api_key.revoked_at',
      'api_key.deleted_at as key_deleted_at',
      'application.id as application_id',
      'application.title as application_title',
      'application.deleted_at as application_deleted_at',
      'application.access_revision',
      'profile.id as profile_id',
      'profile.name as profile_name',
      'profile.settings as profile_settings',
    ])
    .compile();
  const run = database.prepareLists<KeyList>(query);
  return async (hashes) => {
    const [found] = await run(hashes);
    return found && nameColumns(found);
  };
}

/** A row as it is selected above: the columns in their order. */
type KeyList = [
  KeyRow['secret_id'],
  KeyRow['secret_hash'],
  KeyRow['pepper_version'],
  KeyRow['ends_at'],
  KeyRow['ended_at'],
  KeyRow['key_id'],
  KeyRow['key_name'],
  KeyRow['organization_id'],
  KeyRow['environment'],
  KeyRow['scopes'],
  KeyRow['ip_allowlist'],
  KeyRow['metadata'],
  KeyRow['expires_at'],
  KeyRow['disabled_at'],
  KeyRow['revoked_at'],
  KeyRow['key_deleted_at'],
  KeyRow['application_id'],
  KeyRow['application_title'],
  KeyRow['application_deleted_at'],
  KeyRow['access_revision'],
  KeyRow['profile_id'],
  KeyRow['profile_name'],
  KeyRow['profile_settings'],
];

function nameColumns(list: KeyList): KeyRow {
  const [
    secret_id,
    secret_hash,
    pepper_version,
    ends_at,
    ended_at,
    key_id,
    key_name,
    organization_id,
    environment,
    scopes,
    ip_allowlist,
    metadata,
    expires_at,
    disabled_at,
    revoked_at,
    key_deleted_at,
    application_id,
    application_title,
    application_deleted_at,
    access_revision,
    profile_id,
    profile_name,
    profile_settings,
  ] = list;
  return {
    secret_id,
    secret_hash,
    pepper_version,
    ends_at,
    ended_at,
    key_id,
    key_name,
    organization_id,
    environment,
    scopes,
    ip_allowlist,
    metadata,
    expires_at,
    disabled_at,
    revoked_at,
    key_deleted_at,
    application_id,
    application_title,
    application_deleted_at,
    access_revision,
    profile_id,
    profile_name,
    profile_settings,
  };
}
