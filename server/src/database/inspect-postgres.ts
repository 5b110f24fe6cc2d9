import { sql } from 'kysely';
import type { Reader } from './database.ts';

export type PostgresFacts = {
  /** As PostgreSQL counts: 150018 is 15.18. */
  serverVersion: number;
  encoding: string;
  isReplica: boolean;
  fsync: boolean;
  synchronousCommit: string;
  /** Epoch milliseconds, by the database's clock. */
  now: number;
  replicas: { synchronous: number; asynchronous: number };
  /** Long transactions of others in this database, oldest first, at most 5. */
  longTransactions: { pid: number; seconds: number }[];
};

/**
 * What PostgreSQL says of itself. A transaction is long after `longSeconds`; those of other roles show only to members of
 * pg_read_all_stats.
 * @throws UnavailableError.
 */
export async function inspectPostgres(read: Reader, longSeconds: number): Promise<PostgresFacts> {
  const settings = await sql<{
    version: string;
    encoding: string;
    replica: boolean;
    fsync: string;
    commit: string;
    now: string;
  }>`select current_setting('server_version_num') as version, current_setting('server_encoding') as encoding,
       pg_is_in_recovery() as replica, current_setting('fsync') as fsync,
       current_setting('synchronous_commit') as commit,
       (extract(epoch from clock_timestamp()) * 1000)::text as now`.execute(read);
  const replicas = await sql<{ synchronous: number; asynchronous: number }>`select
       count(*) filter (where sync_state in ('sync', 'quorum')) as synchronous,
       count(*) filter (where sync_state not in ('sync', 'quorum')) as asynchronous
     from pg_stat_replication`.execute(read);
  const long = await sql<{ pid: number; seconds: string }>`select pid,
       extract(epoch from clock_timestamp() - xact_start)::text as seconds
     from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()
       and xact_start < clock_timestamp() - make_interval(secs => ${longSeconds})
     order by xact_start limit 5`.execute(read);
  const [row] = settings.rows;
  if (row === undefined) throw new Error('PostgreSQL answered nothing about itself.');
  return {
    serverVersion: Number(row.version),
    encoding: row.encoding,
    isReplica: row.replica,
    fsync: row.fsync === 'on',
    synchronousCommit: row.commit,
    now: Number(row.now),
    replicas: replicas.rows[0] ?? { synchronous: 0, asynchronous: 0 },
    longTransactions: long.rows.map(({ pid, seconds }) => ({ pid, seconds: Math.round(Number(seconds)) })),
  };
}
