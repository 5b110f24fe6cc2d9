import type { Coherence } from '../../../src/coherence/coherence.ts';
import type { CoherentCache, CoherentCacheOptions } from '../../../src/coherence/coherent-cache.ts';
import type { Barrier, BarrierParts } from '../../../src/coherence/create-barrier.ts';
import type { Deadline } from '../../../src/coherence/deadline.ts';
import type { LeaseTable } from '../../../src/database/coordination.ts';
import type { Timing } from '../../../src/lib/timing.ts';
import type { DatabaseFaults } from './database-model.ts';

export type Entry = { id: string; stamp: number };
export type EntryCache = Pick<CoherentCache<Entry>, 'peek' | 'load'>;

/** Parts of the protocol to put in the place of the real ones, in every verifier or every caller. */
export type Variant = {
  database?: DatabaseFaults;
  /** The lease table as the verifier sees it, or as the caller who waits. */
  verifierTable?: (table: LeaseTable) => LeaseTable;
  callerTable?: (table: LeaseTable) => LeaseTable;
  deadline?: (timing: Timing, validMs: number) => Deadline;
  newId?: (verifier: string) => string;
  /** What the cache is told. */
  coherence?: (coherence: Coherence, table: LeaseTable) => Pick<Coherence, 'isCurrent' | 'onChange'>;
  cache?: (
    coherence: Pick<Coherence, 'isCurrent' | 'onChange'>,
    options: CoherentCacheOptions<Entry>,
  ) => EntryCache;
  barrier?: (barrier: Barrier) => Barrier;
  barrierParts?: (timing: Timing) => BarrierParts;
};
