import type { Coherence, CoherenceListener } from '../../../src/coherence/coherence.ts';
import type { CoherentCacheOptions } from '../../../src/coherence/coherent-cache.ts';
import { createDeadline, type Deadline, type Moment } from '../../../src/coherence/deadline.ts';
import type { LeaseRow, LeaseTable } from '../../../src/database/coordination.ts';
import type { Timing } from '../../../src/lib/timing.ts';
import type { Entry, EntryCache } from './variant.ts';

type Told = Pick<Coherence, 'isCurrent' | 'onChange'>;

/** A verifier tells its caches `everything` twice when it registers: before it asks, and when it is answered. */
export function ignoringOneDrop({ isCurrent, onChange }: Coherence, which: 'asked' | 'answered'): Told {
  return {
    isCurrent,
    onChange: (listener: CoherenceListener) => {
      let count = 0;
      onChange((changes) => {
        if (changes === 'everything') count += 1;
        const isAsked = count % 2 === 1;
        if (changes === 'everything' && isAsked === (which === 'asked')) return;
        listener(changes);
      });
    },
  };
}

/** A cache with the real one's shape, and one of its mistakes. */
export function naiveCache(
  coherence: Told,
  options: CoherentCacheOptions<Entry>,
  mistakes: { keepsOldReads?: true; joinsOldReads?: true; keepsAbsent?: true },
): EntryCache {
  const present = new Map<string, Entry>();
  const absent = new Set<string>();
  let inFlight = new Map<string, Promise<Entry | null>>();
  let version = 0;
  coherence.onChange((changes) => {
    version += 1;
    if (!mistakes.joinsOldReads) inFlight = new Map();
    const subjects = changes === 'everything' ? [] : changes.map(options.forgets);
    const isEverything = changes === 'everything' || subjects.includes('everything');
    if (isEverything || !mistakes.keepsAbsent) absent.clear();
    if (isEverything) present.clear();
    for (const forgotten of subjects) if (typeof forgotten === 'object') present.delete(forgotten.subject);
  });
  const keep = (key: string, value: Entry | null) => {
    present.delete(key);
    absent.delete(key);
    if (value === null) absent.add(key);
    else present.set(key, value);
  };
  return {
    peek: (key) => present.get(key) ?? (absent.has(key) ? null : undefined),
    load: async (key, read) => {
      if (!coherence.isCurrent()) return (await read()) ?? null;
      const joined = inFlight.get(key);
      if (joined !== undefined) return joined;
      const sentAt = version;
      const reads = inFlight;
      const own = (async () => {
        try {
          const value = (await read()) ?? null;
          if (sentAt === version || mistakes.keepsOldReads) keep(key, value);
          return value;
        } finally {
          reads.delete(key);
        }
      })();
      reads.set(key, own);
      return own;
    },
  };
}

export function withoutEpoch(table: LeaseTable): LeaseTable {
  return {
    ...table,
    register: async (registration) => ({ ...(await table.register(registration)), epoch: 'the same' }),
    renew: async (id) => {
      const handed = await table.renew(id);
      return handed && { ...handed, epoch: 'the same' };
    },
  };
}

/** What the row says was applied is what this verifier has applied, whatever happened to the row. */
export function trusting(
  table: LeaseTable,
  renew: (id: string) => ReturnType<LeaseTable['renew']>,
): LeaseTable {
  let applied = 0;
  return {
    ...table,
    register: async (registration) => {
      const told = await table.register(registration);
      applied = told.seq;
      return told;
    },
    renew: async (id) => {
      const handed = await renew(id);
      return handed && { ...handed, appliedSeq: applied, seq: Math.max(handed.seq, applied) };
    },
    acknowledge: (id, seq) => {
      applied = seq;
      return table.acknowledge(id, seq);
    },
  };
}

export async function renewOrWrite(table: LeaseTable, id: string): ReturnType<LeaseTable['renew']> {
  const handed = await table.renew(id);
  if (handed !== undefined) return handed;
  const told = await table.register({ verifierId: id, leaseMs: 1_000, graceMs: 0, replaces: [] });
  return { ...told, appliedSeq: told.seq, trimmedTo: 0, changes: [] };
}

export function fromTheAnswer(timing: Timing, validMs: number): Deadline {
  const real = createDeadline(timing, validMs);
  return { ...real, move: (_sent: Moment) => real.move(real.now()) };
}

export function silenceFor(timing: Timing, enough: (row: LeaseRow) => number) {
  const seen = new Map<string, { renewals: number; since: number }>();
  return {
    isOver: (row: LeaseRow) => {
      const known = seen.get(row.verifierId);
      if (known?.renewals !== row.renewals) {
        seen.set(row.verifierId, { renewals: row.renewals, since: timing.monotonic() });
        return false;
      }
      return timing.monotonic() - known.since >= enough(row);
    },
  };
}

/** From the look before the one that showed it: it was renewed in between. */
export function silenceSinceBefore(timing: Timing) {
  const seen = new Map<string, { renewals: number; since: number }>();
  let lookedAt = timing.monotonic();
  return {
    isOver: (row: LeaseRow) => {
      const before = lookedAt;
      lookedAt = timing.monotonic();
      const known = seen.get(row.verifierId);
      if (known?.renewals !== row.renewals) {
        seen.set(row.verifierId, { renewals: row.renewals, since: before });
        return false;
      }
      return lookedAt - known.since >= 1.05 * row.leaseMs;
    },
  };
}
