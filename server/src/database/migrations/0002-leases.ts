import { epochNow } from '../epoch-now.ts';
import type { Migration } from '../migrate.ts';

/** A page that is half empty takes the next version of each of its rows; and the few pages are tidied early. */
const inPlace =
  'fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_cost_delay = 0';

/**
 * Leases of verifiers (PostgreSQL; on SQLite the tables stay empty), and up to where the change log is trimmed. There is no
 * secondary index on the lease table, so that renewals stay in place.
 */
export const leases: Migration = {
  version: 2,
  name: 'leases',
  statements: (text, clustered, kind) => [
    `alter table change_counter add column trimmed_to bigint not null default 0`,
    `create table verifier_lease (
       verifier_id ${text} primary key,
       renewals bigint not null,
       handed_seq bigint not null,
       applied_seq bigint not null,
       lease_ms bigint not null,
       grace_ms bigint not null,
       stale_until bigint) ${clustered}`,
    `create table lease_epoch (
       id bigint primary key check (id = 1),
       settled_epoch ${text},
       longest_lease_ms bigint not null)`,
    `insert into lease_epoch (id, settled_epoch, longest_lease_ms) values (1, null, 0)`,
    ...(kind === 'postgres' ? onPostgres : []),
  ],
};

const onPostgres = [
  `alter table verifier_lease set (${inPlace})`,
  `alter table change_counter set (${inPlace})`,
  // The first start would give the database its id after this: another epoch, and the first change would wait for leases.
  `insert into installation (name, value) values ('epoch', replace(gen_random_uuid()::text, '-', ''))
     on conflict (name) do nothing`,
  // Nobody held a lease before there was a table of them.
  `update lease_epoch set settled_epoch = ${epochNow}`,
];
