import { sql } from 'kysely';
import type { Clock } from '../lib/clock.ts';
import type { Database, Writer } from './database.ts';
import { core } from './migrations/0001-core.ts';
import { leases } from './migrations/0002-leases.ts';

export type Migration = {
  version: number;
  name: string;
  /**
   * `text` is the dialect's word for text that sorts by bytes; `clustered`, after a table, for rows that are kept in the primary
   * key's own tree (SQLite; PostgreSQL has no such tables).
   */
  statements: (text: string, clustered: string, kind: Database['kind']) => readonly string[];
};

const migrations: readonly Migration[] = [core, leases];

/** The version of the schema that this program was written for. */
export const newestVersion = migrations.length;

/** An arbitrary number of ours, for PostgreSQL's transaction-scoped advisory lock. */
const migrationLock = 7_239_105_181;

/** The database was written by a newer program; the message says so and what to do. */
export class DatabaseTooNewError extends Error {}

/**
 * Brings the database to this program's version: each migration in a locked transaction of its own, so that a kill in
 * the middle leaves the version before it, and of two starters the second finds the work done. Answers the names of
 * those applied.
 * @throws DatabaseTooNewError where the database is newer than the program: nothing is touched.
 */
export async function migrate(database: Database, clock: Clock): Promise<readonly string[]> {
  const applied: string[] = [];
  for (;;) {
    const name = await database.write((tx) => applyNext(database, tx, clock));
    if (name === undefined) return applied;
    applied.push(name);
  }
}

/** The version that the database has, 0 where there is none; nothing is written. */
export async function readVersion(database: Pick<Database, 'kind' | 'read'>): Promise<number> {
  const exists =
    database.kind === 'postgres'
      ? sql<{ n: number }>`select count(*) as n from information_schema.tables
          where table_schema = current_schema() and table_name = 'migration'`
      : sql<{
          n: number;
        }>`select count(*) as n from sqlite_master where type = 'table' and name = 'migration'`;
  const found = await exists.execute(database.read);
  return Number(found.rows[0]?.n ?? 0) === 0 ? 0 : currentVersion(database.read);
}

async function applyNext(database: Database, tx: Writer, clock: Clock): Promise<string | undefined> {
  const [text, clustered] =
    database.kind === 'postgres' ? ['text collate "C"', ''] : ['text', 'without rowid'];
  if (database.kind === 'postgres') {
    await sql`set local lock_timeout = '60s'`.execute(tx);
    await sql`select pg_advisory_xact_lock(${migrationLock})`.execute(tx);
    await sql`set local statement_timeout = 0`.execute(tx);
  }
  await sql
    .raw(
      `create table if not exists migration (version bigint primary key, name ${text} not null, applied_at bigint not null)`,
    )
    .execute(tx);
  const version = await currentVersion(tx);
  if (version > newestVersion) {
    throw new DatabaseTooNewError(
      `The database is at schema version ${version}, and this program knows versions up to ${newestVersion}. ` +
        'Start the newer program that wrote it, or restore a backup made before the upgrade.',
    );
  }
  const next = migrations[version];
  if (next === undefined) return undefined;
  for (const statement of next.statements(text, clustered, database.kind))
    await sql.raw(statement).execute(tx);
  await tx
    .insertInto('migration')
    .values({ version: next.version, name: next.name, applied_at: clock() })
    .execute();
  return next.name;
}

async function currentVersion(reader: Database['read'] | Writer): Promise<number> {
  const row = await reader
    .selectFrom('migration')
    .select((eb) => eb.fn.max('version').as('version'))
    .executeTakeFirst();
  return Number(row?.version ?? 0);
}
