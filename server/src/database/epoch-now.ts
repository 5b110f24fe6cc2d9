/**
 * SQL for the epoch, null on a standby. Whoever cannot have seen a lease must have another epoch: another cluster
 * (system identifier), a promoted standby (timeline), a server that crashed or was put back as files (start), a copied
 * database (oid), tables that were dropped, emptied or restored (the storage of the lease table), and whatever else
 * `keywright restore` knows of (the installation's epoch). The timeline is that of the log that is written now: the control file
 * names the new one only after the first checkpoint.
 */
export const epochNow = `(case when pg_is_in_recovery() then null else concat_ws('.',
    (select system_identifier from pg_control_system()),
    substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8),
    (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint,
    (select oid from pg_database where datname = current_database()),
    pg_relation_filenode('verifier_lease'),
    (select value from installation where name = 'epoch')) end)`;
