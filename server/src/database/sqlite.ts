import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely';
import { createTurns } from './create-turns.ts';
import type { Database } from './database.ts';
import { logOnSqlite } from './log-changes.ts';
import type { Tables } from './schema.ts';
import { createLocalChanges } from './sqlite-changes.ts';
import { longestWaitMs, openSqliteConnection, type SqliteConnection } from './sqlite-connection.ts';

/**
 * Opens (and makes, if it is missing) the embedded database. WAL with `synchronous=FULL`: what was acknowledged
 * survives a crash of the machine. One connection writes, one reads: a read on the writing connection would see, and
 * wait behind, the transaction that is under way there.
 */
export function openSqlite(path: string): Database {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const writer = openSqliteConnection(path, { readOnly: false });
  writer.exec('PRAGMA journal_mode = WAL');
  writer.exec('PRAGMA synchronous = FULL');
  writer.exec('PRAGMA foreign_keys = ON');
  const reader = openSqliteConnection(path, { readOnly: true });
  reader.exec('PRAGMA mmap_size = 1073741824');
  reader.exec('PRAGMA cache_size = -65536');

  const read = createKysely(reader);
  const write = createKysely(writer);
  return {
    kind: 'sqlite',
    read,
    write: (change) => write.transaction().execute(change),
    writeRelaxed: (change) =>
      write.connection().execute(async (lent) => {
        // The connection is ours alone until it is given back. A later commit in full takes these to the disk, too.
        await sql`PRAGMA synchronous = NORMAL`.execute(lent);
        try {
          return await lent.transaction().execute(change);
        } finally {
          await sql`PRAGMA synchronous = FULL`.execute(lent);
        }
      }),
    prepare: <Row>(query: CompiledQuery<Row>) => {
      const run = reader.prepare(query.sql);
      return async (parameters: readonly unknown[]) => run(parameters) as Row[];
    },
    prepareLists: <Row extends readonly unknown[]>(query: CompiledQuery) => {
      const run = reader.prepare(query.sql, { asLists: true });
      return async (parameters: readonly unknown[]) => run(parameters) as unknown as Row[];
    },
    // BEGIN IMMEDIATE already made this the only writer.
    lockAuditHead: (tx, chain) =>
      tx.selectFrom('audit_head').select(['seq', 'hash']).where('chain', '=', chain).executeTakeFirst(),
    changes: createLocalChanges(reader),
    logChanges: logOnSqlite,
    leases: undefined,
    close: async () => {
      // Kysely does not close what it never used. The writer last: it is the one that can tidy the log away.
      await read.destroy();
      reader.close();
      await write.destroy();
      writer.close();
    },
  };
}

/** Else Kysely keeps a line of its own before ours, in which one waits for ever, and not by turns. */
const adapterWithoutLine = Object.defineProperty(new SqliteAdapter(), 'supportsMultipleConnections', {
  value: true,
});

/** Queries on one connection; whoever opened it may hold a transaction of their own around them. */
export function createKysely(connection: SqliteConnection): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createDriver: () => createDriver(connection),
      createQueryCompiler: () => new SqliteQueryCompiler(),
      createAdapter: () => adapterWithoutLine,
      createIntrospector: (db) => new SqliteIntrospector(db),
    },
  });
}

/** `until`: the instant of `performance.now()` until which its transaction may wait to begin. */
type Lent = DatabaseConnection & { until: number };

/** One statement runs at a time and to its end, so only transactions need to queue for the connection. */
function createDriver(connection: SqliteConnection): Driver {
  const turns = createTurns();

  const statements: DatabaseConnection = {
    async executeQuery<R>(query: CompiledQuery) {
      const { rows, changes } = connection.all(query.sql, query.parameters);
      return changes === undefined ? { rows: rows as R[] } : { rows: rows as R[], numAffectedRows: changes };
    },
    // biome-ignore lint/correctness/useYield: an open iterator would pin an old snapshot, so there is none.
    async *streamQuery() {
      throw new Error('Streaming is not used: it would pin an old snapshot.');
    },
  };

  return {
    init: async () => undefined,
    acquireConnection: async () => {
      const lent: Lent = { ...statements, until: performance.now() + longestWaitMs };
      await turns.take(longestWaitMs);
      return lent;
    },
    // Both waits together are bounded: behind a database that someone else holds, the line would grow without end.
    beginTransaction: (lent) => connection.execPatiently('BEGIN IMMEDIATE', (lent as Lent).until),
    commitTransaction: () => connection.execPatiently('COMMIT', performance.now() + longestWaitMs),
    rollbackTransaction: async () => {
      // A full disk makes SQLite roll back by itself; a second rollback would hide the reason.
      if (connection.handle.isTransaction) connection.exec('ROLLBACK');
    },
    releaseConnection: async () => turns.giveBack(),
    destroy: async () => connection.close(),
  };
}
