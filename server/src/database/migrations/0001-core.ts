import type { Migration } from '../migrate.ts';

/**
 * The core: organizations, teams, applications, APIs, connections, profiles, policies, API keys with their secrets,
 * management keys, the audit chains, the change log. `text` stands for text that sorts by bytes on both databases.
 */
export const core: Migration = {
  version: 1,
  name: 'core',
  statements: (text, clustered) => [
    `create table installation (name ${text} primary key, value ${text} not null)`,
    `create table pepper (
       version bigint primary key,
       fingerprint ${text} not null,
       created_at bigint not null,
       activated_at bigint,
       retired_at bigint)`,

    `create table organization (
       id ${text} primary key,
       name ${text} not null,
       brand ${text} not null,
       first_import_at bigint,
       revision bigint not null,
       created_at bigint not null,
       updated_at bigint not null)`,

    `create table team (
       id ${text} primary key,
       organization_id ${text} not null references organization (id),
       name ${text} not null,
       name_key ${text} not null,
       production_granted_at bigint,
       revision bigint not null,
       created_at bigint not null,
       updated_at bigint not null)`,
    `create unique index team_by_name on team (organization_id, name_key)`,

    `create table application (
       id ${text} primary key,
       organization_id ${text} not null references organization (id),
       team_id ${text} references team (id),
       title ${text} not null,
       title_key ${text} not null,
       description ${text} not null,
       access_revision bigint not null,
       revision bigint not null,
       created_at bigint not null,
       created_by ${text} not null,
       updated_at bigint not null,
       deleted_at bigint)`,
    `create index application_by_organization on application (organization_id, id) where deleted_at is null`,
    `create index application_by_title on application (organization_id, title_key, id) where deleted_at is null`,
    `create index application_by_team on application (team_id, id) where deleted_at is null`,
    `create index application_by_team_title on application (team_id, title_key, id) where deleted_at is null`,

    `create table api (
       id ${text} primary key,
       organization_id ${text} not null references organization (id),
       name ${text} not null,
       slug ${text} not null,
       revision bigint not null,
       created_at bigint not null,
       created_by ${text} not null,
       updated_at bigint not null)`,
    `create unique index api_by_slug on api (organization_id, slug)`,
    `create index api_by_organization on api (organization_id, id)`,
    `create table scope (
       organization_id ${text} not null references organization (id),
       name ${text} not null,
       api_id ${text} not null references api (id),
       description ${text} not null,
       access ${text} not null check (access in ('read', 'full')),
       position bigint not null,
       primary key (organization_id, name))`,
    `create index scope_by_api on scope (api_id, position)`,
    `create table endpoint (
       id ${text} primary key,
       organization_id ${text} not null references organization (id),
       api_id ${text} not null references api (id),
       method ${text} not null,
       path ${text} not null,
       shape ${text} not null,
       scopes ${text} not null)`,
    `create unique index endpoint_by_shape on endpoint (api_id, method, shape)`,

    `create table connection (
       application_id ${text} not null references application (id),
       api_id ${text} not null references api (id),
       organization_id ${text} not null references organization (id),
       endpoints ${text} not null,
       primary key (application_id, api_id))`,
    `create index connection_by_api on connection (api_id)`,

    `create table profile (
       id ${text} primary key,
       organization_id ${text} not null references organization (id),
       name ${text} not null,
       name_key ${text} not null,
       settings ${text} not null,
       revision bigint not null,
       created_at bigint not null,
       created_by ${text} not null,
       updated_at bigint not null)`,
    `create unique index profile_by_name on profile (organization_id, name_key)`,
    `create index profile_by_organization on profile (organization_id, id)`,

    `create table policy (
       organization_id ${text} not null references organization (id),
       environment ${text} not null check (environment in ('all', 'development', 'staging', 'production')),
       longest_lifetime_seconds bigint,
       max_keys_per_organization bigint,
       max_keys_per_team bigint,
       max_keys_per_application bigint,
       rotation_interval_days bigint,
       revision bigint not null,
       updated_at bigint not null,
       primary key (organization_id, environment))`,

    // profile_id references no row: a revoked or deleted key keeps the id of a profile that may be gone since.
    `create table api_key (
       id ${text} primary key,
       organization_id ${text} not null references organization (id),
       application_id ${text} not null references application (id),
       name ${text} not null,
       name_key ${text} not null,
       environment ${text} not null check (environment in ('development', 'staging', 'production')),
       scopes ${text} not null,
       profile_id ${text},
       ip_allowlist ${text},
       metadata ${text} not null,
       expires_at bigint,
       expiry_noted_at bigint,
       disabled_at bigint,
       revoked_at bigint,
       deleted_at bigint,
       imported_at bigint,
       revision bigint not null,
       created_at bigint not null,
       created_by ${text} not null,
       updated_at bigint not null,
       standing ${text} generated always as (case
         when deleted_at is not null then 'deleted'
         when revoked_at is not null then 'revoked'
         when expiry_noted_at is not null then 'expired'
         when disabled_at is not null then 'inactive'
         else 'active' end) stored)`,
    // One index for each way in which the list is filtered, in each of its two orders (newest first, by name). The columns
    // after the order let further filters look at index entries instead of rows.
    `create index api_key_newest on api_key (organization_id, id) where deleted_at is null`,
    `create index api_key_by_name on api_key (organization_id, name_key, id) where deleted_at is null`,
    `create index api_key_application_newest on api_key (application_id, id, environment, standing, created_by)
       where deleted_at is null`,
    `create index api_key_application_by_name on api_key (application_id, name_key, id, environment, standing, created_by)
       where deleted_at is null`,
    `create index api_key_creator_newest on api_key (organization_id, created_by, id, environment, standing)
       where deleted_at is null`,
    `create index api_key_creator_by_name on api_key (organization_id, created_by, name_key, id, environment, standing)
       where deleted_at is null`,
    `create index api_key_standing_newest on api_key (organization_id, environment, standing, id)`,
    `create index api_key_standing_by_name on api_key (organization_id, environment, standing, name_key, id)`,
    `create index api_key_expiring on api_key (organization_id, expires_at)
       where deleted_at is null and revoked_at is null and expiry_noted_at is null and expires_at is not null`,
    `create index api_key_expired on api_key (expires_at)
       where deleted_at is null and revoked_at is null and expiry_noted_at is null and expires_at is not null`,
    `create index api_key_by_profile on api_key (profile_id)
       where profile_id is not null and deleted_at is null and revoked_at is null`,
    // What policies count: the living keys of an environment, and how long they live. The last two columns, always null
    // here, let SQLite count from the index alone.
    `create index api_key_lifetime on api_key (organization_id, environment, expires_at, revoked_at, deleted_at)
       where deleted_at is null and revoked_at is null`,

    `create table secret (
       id ${text} primary key,
       organization_id ${text} not null references organization (id),
       api_key_id ${text} not null references api_key (id),
       hash ${text} not null,
       pepper_version bigint not null,
       masked ${text} not null,
       last_four ${text} not null,
       created_at bigint not null,
       ends_at bigint,
       ended_at bigint)`,
    `create unique index secret_by_hash on secret (hash)`,
    `create index secret_by_api_key on secret (api_key_id, id)`,
    `create index secret_by_last_four on secret (organization_id, last_four, api_key_id)`,
    `create index secret_by_pepper on secret (pepper_version)`,

    `create table api_key_use (
       api_key_id ${text} primary key references api_key (id),
       organization_id ${text} not null references organization (id),
       last_used_at bigint not null,
       last_used_ip ${text},
       last_used_user_agent ${text}) ${clustered}`,

    `create table management_key (
       id ${text} primary key,
       organization_id ${text} not null references organization (id),
       name ${text} not null,
       scopes ${text} not null,
       hash ${text} not null,
       pepper_version bigint not null,
       masked ${text} not null,
       expires_at bigint,
       revoked_at bigint,
       created_at bigint not null,
       created_by ${text} not null)`,
    `create unique index management_key_by_hash on management_key (hash)`,
    `create index management_key_by_organization on management_key (organization_id, id)`,
    `create table management_key_use (
       management_key_id ${text} primary key references management_key (id),
       organization_id ${text} not null references organization (id),
       last_used_at bigint not null)`,

    `create table audit_head (chain ${text} primary key, seq bigint not null, hash ${text} not null)`,
    `create table audit_event (
       chain ${text} not null,
       seq bigint not null,
       id ${text} not null,
       at bigint not null,
       actor_type ${text} not null,
       actor_id ${text} not null,
       action ${text} not null,
       target_type ${text} not null,
       target_id ${text} not null,
       before ${text},
       after ${text},
       request_id ${text} not null,
       ip ${text},
       user_agent ${text},
       hash ${text} not null,
       primary key (chain, seq))`,
    // Each filter of the list in its order, newest first: a window in time is a stretch of its index. The one without a
    // filter stands last, because SQLite, where it finds two equally good, takes the one that was made first.
    `create index audit_event_by_target on audit_event (chain, target_id, at, seq)`,
    `create index audit_event_by_actor on audit_event (chain, actor_id, at, seq)`,
    `create index audit_event_by_action on audit_event (chain, action, at, seq)`,
    `create index audit_event_by_time on audit_event (chain, at, seq)`,

    `create table change_counter (id bigint primary key check (id = 1), seq bigint not null)`,
    `insert into change_counter (id, seq) values (1, 0)`,
    `create table change_log (
       seq bigint not null,
       kind ${text} not null,
       subject ${text} not null,
       organization_id ${text} not null,
       at bigint not null,
       primary key (seq, kind, subject))`,

    `create table idempotency (
       organization_id ${text} not null,
       actor_id ${text} not null,
       route ${text} not null,
       idempotency_key ${text} not null,
       request_hash ${text} not null,
       target_id ${text} not null,
       created_at bigint not null,
       primary key (organization_id, actor_id, route, idempotency_key))`,
    `create index idempotency_by_age on idempotency (created_at)`,
  ],
};
