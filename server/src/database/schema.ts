import type { GeneratedAlways } from 'kysely';

/*
 * The portable subset, the same on SQLite and PostgreSQL: ids are text made by the program; instants are epoch
 * milliseconds in bigint; a nullable instant instead of a boolean (`revoked_at`); JSON is text, parsed on the way
 * out; enumerations are text with CHECK; no now() in SQL; keyset pagination by id, which sorts by creation.
 */

export type OrganizationTable = {
  id: string;
  name: string;
  brand: string;
  /** Since when foreign-format keys are known here; null: none were ever imported, so none are looked up. */
  first_import_at: number | null;
  revision: number;
  created_at: number;
  updated_at: number;
};

export type TeamTable = {
  id: string;
  organization_id: string;
  name: string;
  name_key: string;
  /** Set: members of this team may touch production keys. */
  production_granted_at: number | null;
  revision: number;
  created_at: number;
  updated_at: number;
};

export type ApplicationTable = {
  id: string;
  organization_id: string;
  team_id: string | null;
  title: string;
  /** The title as it is searched and sorted: NFC, lower case. */
  title_key: string;
  description: string;
  /** Grows whenever the connections of the application, or an API that it is connected to, change. */
  access_revision: number;
  revision: number;
  created_at: number;
  created_by: string;
  updated_at: number;
  deleted_at: number | null;
};

export type ApiTable = {
  id: string;
  organization_id: string;
  name: string;
  slug: string;
  /** Grows with every change of the API, its scopes or its endpoints; compiled routers are kept by (id, revision). */
  revision: number;
  created_at: number;
  created_by: string;
  updated_at: number;
};

export type ScopeTable = {
  organization_id: string;
  name: string;
  api_id: string;
  description: string;
  access: 'read' | 'full';
  position: number;
};

export type EndpointTable = {
  id: string;
  organization_id: string;
  api_id: string;
  method: string;
  path: string;
  /** The path with its parameters' names left out: two endpoints with one method and shape are the same endpoint. */
  shape: string;
  /** JSON: the scopes that a caller needs, all of them. */
  scopes: string;
};

export type ConnectionTable = {
  application_id: string;
  api_id: string;
  organization_id: string;
  /** JSON: "all", or the list of endpoint ids. */
  endpoints: string;
};

export type ProfileTable = {
  id: string;
  organization_id: string;
  name: string;
  name_key: string;
  /** JSON, at most 16 kB. */
  settings: string;
  revision: number;
  created_at: number;
  created_by: string;
  updated_at: number;
};

export type PolicyTable = {
  organization_id: string;
  environment: 'all' | 'development' | 'staging' | 'production';
  longest_lifetime_seconds: number | null;
  max_keys_per_organization: number | null;
  max_keys_per_team: number | null;
  max_keys_per_application: number | null;
  rotation_interval_days: number | null;
  revision: number;
  updated_at: number;
};

export type ApiKeyTable = {
  id: string;
  organization_id: string;
  application_id: string;
  name: string;
  /** The name as it is searched and sorted: NFC, lower case. */
  name_key: string;
  environment: 'development' | 'staging' | 'production';
  /** JSON: each scope's name with the id of the API that it was granted for. It counts while that API is connected and has it. */
  scopes: string;
  /** While the key is neither revoked nor deleted, its profile cannot be deleted. */
  profile_id: string | null;
  /** JSON list of canonical CIDRs, or null: any address. */
  ip_allowlist: string | null;
  /** JSON object. */
  metadata: string;
  expires_at: number | null;
  /** When the expiry job noticed that the key has expired: an index helper; `expires_at` alone decides. */
  expiry_noted_at: number | null;
  disabled_at: number | null;
  revoked_at: number | null;
  deleted_at: number | null;
  imported_at: number | null;
  revision: number;
  created_at: number;
  created_by: string;
  updated_at: number;
  /** Computed by the database from the instants above, for indexes only. */
  standing: 'active' | 'inactive' | 'expired' | 'revoked' | 'deleted';
};

export type SecretTable = {
  id: string;
  organization_id: string;
  api_key_id: string;
  /** HMAC-SHA256(pepper, SHA-256(secret)), hex. For a foreign key the organization's id is part of the message. */
  hash: string;
  pepper_version: number;
  masked: string;
  last_four: string;
  created_at: number;
  /** The end of an overlap, compared with the clock; null: lives as long as its key. */
  ends_at: number | null;
  /** Set: ended, now and for ever. */
  ended_at: number | null;
};

export type ApiKeyUseTable = {
  api_key_id: string;
  organization_id: string;
  last_used_at: number;
  last_used_ip: string | null;
  last_used_user_agent: string | null;
};

export type ManagementKeyTable = {
  id: string;
  organization_id: string;
  name: string;
  /** JSON list of actions, or ["*"]. */
  scopes: string;
  hash: string;
  pepper_version: number;
  masked: string;
  expires_at: number | null;
  revoked_at: number | null;
  created_at: number;
  /** `system`, a user id, or the id of another management key, which bounds what this one can do. */
  created_by: string;
};

export type ManagementKeyUseTable = {
  management_key_id: string;
  organization_id: string;
  last_used_at: number;
};

export type AuditEventTable = {
  /** The organization's id, or `installation`. */
  chain: string;
  seq: number;
  id: string;
  at: number;
  actor_type: 'member' | 'management_key' | 'system';
  actor_id: string;
  action: string;
  target_type: string;
  target_id: string;
  /** JSON object of the fields that changed, or null. */
  before: string | null;
  after: string | null;
  request_id: string;
  ip: string | null;
  user_agent: string | null;
  /** Hex HMAC over the previous hash and this event: see domain/audit/hash-event.ts. */
  hash: string;
};

export type AuditHeadTable = { chain: string; seq: number; hash: string };

/** `trimmed_to`: rows of the change log up to this number are gone; who has applied less keeps nothing. */
export type ChangeCounterTable = { id: number; seq: number; trimmed_to: number };

export type ChangeLogTable = {
  seq: number;
  kind: string;
  subject: string;
  organization_id: string;
  at: number;
};

/** PostgreSQL only. No instant is in it but one for people: nobody compares two machines' clocks. */
export type VerifierLeaseTable = {
  verifier_id: string;
  renewals: number;
  /** The change counter at the last renewal; the next is refused until all up to it is acknowledged as applied. */
  handed_seq: number;
  applied_seq: number;
  lease_ms: number;
  grace_ms: number;
  stale_until: number | null;
};

export type LeaseEpochTable = { id: number; settled_epoch: string | null; longest_lease_ms: number };

export type IdempotencyTable = {
  organization_id: string;
  actor_id: string;
  route: string;
  idempotency_key: string;
  request_hash: string;
  target_id: string;
  created_at: number;
};

export type PepperTable = {
  version: number;
  fingerprint: string;
  created_at: number;
  /** Set: new secrets use it, if it is the newest such. Until then every node may load it at leisure. */
  activated_at: number | null;
  retired_at: number | null;
};

export type InstallationTable = { name: string; value: string };

export type MigrationTable = { version: number; name: string; applied_at: number };

export type Tables = {
  organization: OrganizationTable;
  team: TeamTable;
  application: ApplicationTable;
  api: ApiTable;
  scope: ScopeTable;
  endpoint: EndpointTable;
  connection: ConnectionTable;
  profile: ProfileTable;
  policy: PolicyTable;
  api_key: Omit<ApiKeyTable, 'standing'> & { standing: GeneratedAlways<ApiKeyTable['standing']> };
  secret: SecretTable;
  api_key_use: ApiKeyUseTable;
  management_key: ManagementKeyTable;
  management_key_use: ManagementKeyUseTable;
  audit_event: AuditEventTable;
  audit_head: AuditHeadTable;
  change_counter: ChangeCounterTable;
  change_log: ChangeLogTable;
  verifier_lease: VerifierLeaseTable;
  lease_epoch: LeaseEpochTable;
  idempotency: IdempotencyTable;
  pepper: PepperTable;
  installation: InstallationTable;
  migration: MigrationTable;
};
