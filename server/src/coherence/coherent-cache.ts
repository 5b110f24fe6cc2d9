import { LRUCache } from 'lru-cache';
import type { ChangeRow, Coherence, CoherenceListener } from './coherence.ts';

export type CoherentCache<Value extends object> = {
  /**
   * What is kept; null: known to be absent; undefined: not known, ask `load`. Synchronous, never throws. It does not
   * ask whether the caches are current: the caller has, once for the verification.
   */
  peek(key: string): Value | null | undefined;
  /**
   * Reads through; null: absent. While the caches are current, one read per key however many wait. While they are not,
   * nobody waits for this verifier, so each caller gets a read of their own, sent after they came, which nobody keeps.
   * @param read answers undefined for what is absent; sent before this returns.
   */
  load(key: string, read: () => Value | undefined | Promise<Value | undefined>): Promise<Value | null>;
  /** Since the start, but `size` (entries) and `bytes`, which are now. */
  readonly counts: {
    readonly hits: number;
    readonly misses: number;
    readonly fillsDiscarded: number;
    readonly size: number;
    readonly bytes: number;
  };
};

export type CoherentCacheOptions<Value extends object> = {
  maxBytes: number;
  /** Whole bytes, at least 1. */
  sizeOf(value: Value, key: string): number;
  /** How many absent keys are kept, apart from the rest: a flood of unknown secrets evicts nothing good. At least 1. */
  maxAbsent: number;
  /** What a change makes this cache forget; `subject`: the entries whose `subjectOf` it is. An unknown kind: everything. */
  forgets(change: ChangeRow): 'nothing' | 'everything' | { subject: string };
  subjectOf(value: Value): string;
  /** Whether what was absent may be there after this change. Then nothing is known to be absent any more. */
  absentMayAppear(change: ChangeRow): boolean;
};

/**
 * A cache bounded by bytes that `coherence` keeps true. What it holds may be used whenever `coherence.isCurrent()`:
 * the change log evicts, and a read that was under way when a change was applied answers those who already waited for
 * it, but is not kept and nobody joins it, because its snapshot may be from before that change.
 */
export function createCoherentCache<Value extends object>(
  coherence: Pick<Coherence, 'isCurrent' | 'onChange'>,
  options: CoherentCacheOptions<Value>,
): CoherentCache<Value> {
  const { maxBytes, maxAbsent, sizeOf, subjectOf } = options;
  const newPresent = () =>
    new LRUCache<string, Value>({
      maxSize: maxBytes,
      sizeCalculation: sizeOf,
      dispose: (value, key) => unlink(subjectOf(value), key),
    });
  let present = newPresent();
  const absent = new LRUCache<string, true>({ max: maxAbsent });
  /** A subject's keys: nearly always one, and then no list is made of it. */
  let keysOf = new Map<string, string | readonly string[]>();
  let inFlight = new Map<string, Promise<Value | null>>();
  /** Grows with each change that concerns this cache. */
  let version = 0;
  let hits = 0;
  let misses = 0;
  let fillsDiscarded = 0;

  function link(subject: string, key: string): void {
    const keys = keysOf.get(subject);
    if (keys === undefined) keysOf.set(subject, key);
    else if (typeof keys === 'string') {
      if (keys !== key) keysOf.set(subject, [keys, key]);
    } else if (!keys.includes(key)) keysOf.set(subject, [...keys, key]);
  }

  function unlink(subject: string, key: string): void {
    const keys = keysOf.get(subject);
    if (keys === key) keysOf.delete(subject);
    if (keys === undefined || typeof keys === 'string') return;
    const [first, ...more] = keys.filter((other) => other !== key);
    if (first !== undefined) keysOf.set(subject, more.length === 0 ? first : [first, ...more]);
  }

  function keep(key: string, value: Value | null): void {
    if (value === null) {
      present.delete(key);
      absent.set(key, true);
      return;
    }
    absent.delete(key);
    present.set(key, value);
    // An entry that is larger than the whole cache is not kept.
    if (present.has(key)) link(subjectOf(value), key);
  }

  function forgetSubject(subject: string): void {
    const keys = keysOf.get(subject);
    if (keys === undefined) return;
    for (const key of typeof keys === 'string' ? [keys] : keys) present.delete(key);
  }

  function forgetEverything(): void {
    // New ones: to empty a million entries one by one would stop the event loop.
    present = newPresent();
    keysOf = new Map();
    absent.clear();
  }

  const apply: CoherenceListener = (changes) => {
    let isConcerned = changes === 'everything';
    if (changes === 'everything') forgetEverything();
    else {
      for (const change of changes) {
        const forgotten = options.forgets(change);
        const mayAppear = options.absentMayAppear(change);
        // To empty what is empty costs as much as if it were full, and an import names ten thousand keys.
        if (mayAppear && absent.size > 0) absent.clear();
        if (forgotten === 'everything') forgetEverything();
        else if (forgotten !== 'nothing') forgetSubject(forgotten.subject);
        isConcerned ||= mayAppear || forgotten !== 'nothing';
      }
    }
    if (!isConcerned) return;
    // The reads under way go on for those who wait for them; from here on they are nobody else's.
    version += 1;
    inFlight = new Map();
  };
  coherence.onChange(apply);

  async function readAndKeep(
    key: string,
    read: () => Value | undefined | Promise<Value | undefined>,
  ): Promise<Value | null> {
    const sentAt = version;
    const value = (await read()) ?? null;
    if (sentAt === version) keep(key, value);
    else fillsDiscarded += 1;
    return value;
  }

  return {
    peek: (key) => {
      const value = present.peek(key);
      if (value !== undefined) {
        hits += 1;
        // To note a use costs more than to find the entry; every eighth is enough to tell what is used from what is not.
        if ((hits & 7) === 0) present.get(key);
        return value;
      }
      if (absent.get(key) === undefined) return undefined;
      hits += 1;
      return null;
    },
    load: async (key, read) => {
      misses += 1;
      if (!coherence.isCurrent()) return (await read()) ?? null;
      const joined = inFlight.get(key);
      if (joined !== undefined) return joined;
      const reads = inFlight;
      const own = readAndKeep(key, read).finally(() => reads.delete(key));
      reads.set(key, own);
      return own;
    },
    counts: {
      get hits() {
        return hits;
      },
      get misses() {
        return misses;
      },
      get fillsDiscarded() {
        return fillsDiscarded;
      },
      get size() {
        return present.size + absent.size;
      },
      get bytes() {
        return present.calculatedSize;
      },
    },
  };
}
