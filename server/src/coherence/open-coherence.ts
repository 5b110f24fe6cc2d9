import type { Database } from '../database/database.ts';
import type { NewId } from '../lib/ids.ts';
import type { Coherence } from './coherence.ts';
import { holdLease } from './hold-lease.ts';
import { watchChangeLog } from './watch-change-log.ts';

/**
 * What keeps the caches of this process true, in the way of its database. `warn`: the database could not be asked; once for
 * each time in a row.
 */
export function openCoherence(
  { database, newId }: { database: Database; newId: NewId },
  warn: (error: unknown) => void,
): Coherence {
  if (database.leases !== undefined) return holdLease(database.leases, { newId, warn });
  if (database.changes === undefined)
    throw new Error('This database has neither leases nor a change log at hand.');
  return watchChangeLog(database.changes);
}
