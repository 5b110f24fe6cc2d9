import type { Database } from '../database/database.ts';
import type { Coherence } from './coherence.ts';
import { watchChangeLog } from './watch-change-log.ts';

/** What keeps the caches of this process true, in the way of its database. */
export function openCoherence(database: Database): Coherence {
  return database.changes === undefined ? readAlways : watchChangeLog(database.changes);
}

/** Nothing that is kept may be used: whatever is asked is read anew. */
const readAlways: Coherence = {
  isCurrent: () => false,
  generation: () => 0,
  onChange: () => undefined,
  databaseTime: () => 0,
  state: () => ({ applied: 0, leaseRemainingMs: null, epoch: null }),
  close: async () => undefined,
};
