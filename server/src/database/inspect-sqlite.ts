import { readVersion } from './migrate.ts';
import { findSqliteDamage, openSqliteFile, type SqliteFile } from './open-sqlite-file.ts';

export type SqliteFacts = { version: number; journalMode: string; damage: string[] };

/**
 * What a SQLite file says of itself, by a connection that only reads; the file stays open for `action`.
 * @throws UnavailableError.
 */
export async function inspectSqlite<Result>(
  path: string,
  action: (facts: SqliteFacts, read: SqliteFile['read']) => Promise<Result>,
): Promise<Result> {
  const file = openSqliteFile(path, { readOnly: true });
  try {
    const damage = findSqliteDamage(file, { quick: true });
    const [mode] = file.connection.all('PRAGMA journal_mode', []).rows as { journal_mode: string }[];
    const version = await readVersion({ kind: 'sqlite', read: file.read });
    return await action({ version, journalMode: mode?.journal_mode ?? 'unknown', damage }, file.read);
  } finally {
    file.close();
  }
}
