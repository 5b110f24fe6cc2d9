import { systemTiming } from '../lib/timing.ts';
import type { LeaseSettings } from './coordination.ts';
import type { Database } from './database.ts';
import { poolSizeOf } from './pool-size.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';

const standardLease: LeaseSettings = { leaseMs: 3_000, graceMs: 0 };

/** Opens PostgreSQL where a URL is given, the embedded SQLite file otherwise. */
export function openDatabase(
  location: { url: string } | { path: string },
  log: (event: { reason: string }) => void,
  settings: LeaseSettings = standardLease,
  poolSize = poolSizeOf(1),
): Database {
  return 'url' in location
    ? openPostgres(location.url, { poolSize, log, settings, timing: systemTiming })
    : openSqlite(location.path);
}

/** For looking at a server whatever it is, also a standby. */
export function openPostgresToLook(url: string): Database {
  return openPostgres(url, {
    poolSize: 2,
    log: () => undefined,
    settings: standardLease,
    timing: systemTiming,
    mayBeStandby: true,
  });
}
