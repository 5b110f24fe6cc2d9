import type { Database } from './database.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';

/** Opens PostgreSQL where a URL is given, the embedded SQLite file otherwise. */
export function openDatabase(
  location: { url: string } | { path: string },
  log: (event: { reason: string }) => void,
): Database {
  return 'url' in location ? openPostgres(location.url, { poolSize: 20, log }) : openSqlite(location.path);
}
