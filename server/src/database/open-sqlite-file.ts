import type { Reader } from './database.ts';
import { createKysely } from './sqlite.ts';
import { openSqliteConnection, type SqliteConnection } from './sqlite-connection.ts';

export type SqliteFile = { read: Reader; connection: SqliteConnection; close: () => void };

/**
 * Opens a SQLite file as it is, by one connection, changing none of its settings: to look at a backup, or at a database
 * that something is wrong with.
 * @throws UnavailableError.
 */
export function openSqliteFile(path: string, options: { readOnly: boolean }): SqliteFile {
  const connection = openSqliteConnection(path, options);
  return { read: createKysely(connection), connection, close: () => connection.close() };
}

/**
 * What SQLite itself finds wrong with a file; none: it is whole. `quick` leaves out comparing every index with its table.
 * @throws UnavailableError where it is not a database at all.
 */
export function findSqliteDamage({ connection }: SqliteFile, options: { quick: boolean }): string[] {
  const check = options.quick ? 'quick_check' : 'integrity_check';
  const rows = connection.all(`PRAGMA ${check}(10)`, []).rows as Record<string, unknown>[];
  const damage = rows.map((row) => String(Object.values(row)[0])).filter((line) => line !== 'ok');
  const orphans = options.quick ? [] : connection.all('PRAGMA foreign_key_check', []).rows;
  return orphans.length === 0
    ? damage
    : [...damage, `${orphans.length} rows refer to rows that are not there`];
}
