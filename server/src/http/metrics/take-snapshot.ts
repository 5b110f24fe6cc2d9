import type { Coherence } from '../../coherence/coherence.ts';
import type { Histogram } from '../../lib/metrics/histogram.ts';
import {
  counter,
  gauge,
  histogram,
  type Labels,
  type MetricSnapshot,
} from '../../lib/metrics/metric-snapshot.ts';
import { takeProcessSnapshot } from '../../lib/metrics/take-process-snapshot.ts';
import type { VerificationCounts } from '../../verification/count-verifications.ts';
import type { RequestTimes } from './request-times.ts';

export type CacheCounts = {
  readonly hits: number;
  readonly misses: number;
  readonly fillsDiscarded: number;
  readonly size: number;
};

/** What the parts of a process count, as plain numbers; they are read when somebody asks, and cost nothing before. */
export type MetricSources = {
  verifications: VerificationCounts;
  requestTimes: RequestTimes;
  barrierTimes: Histogram;
  caches: Readonly<Record<string, CacheCounts>>;
  /** Of the caches whose size is told in bytes: how many. */
  cacheBytes: () => Readonly<Record<string, number>>;
  coherence: Pick<Coherence, 'state'>;
  usesWaiting: () => number;
  workers: () => { count: number; serving: number };
};

/**
 * What one process has to say. No value of a label comes from a request or names anybody: outcomes, routes, statuses and
 * caches are the program's own, and few.
 */
export async function takeSnapshot(sources: MetricSources): Promise<MetricSnapshot[]> {
  const { caches, workers } = sources;
  const { applied, leaseRemainingMs } = sources.coherence.state();
  const { count, serving } = workers();
  const ofCaches = (read: (counts: CacheCounts) => number) =>
    Object.entries(caches).map(([cache, counts]) => [{ cache }, read(counts)] as const);
  const outcomes = Object.entries(sources.verifications).map(([outcome, times]): [Labels, number] => [
    { outcome },
    times,
  ]);
  const bytes = Object.entries(sources.cacheBytes()).map(([cache, used]): [Labels, number] => [
    { cache },
    used,
  ]);
  return [
    counter('keywright_verifications_total', 'Verifications by their outcome.', outcomes),
    sources.requestTimes.snapshot(),
    counter(
      'keywright_cache_hits_total',
      'Answers from memory, by cache.',
      ofCaches(({ hits }) => hits),
    ),
    counter(
      'keywright_cache_misses_total',
      'What had to be read from the database, by cache.',
      ofCaches(({ misses }) => misses),
    ),
    counter(
      'keywright_cache_fills_discarded_total',
      'Readings that were not kept because a change was applied meanwhile, by cache.',
      ofCaches(({ fillsDiscarded }) => fillsDiscarded),
    ),
    gauge(
      'keywright_cache_entries',
      'Entries in memory, by cache.',
      ofCaches(({ size }) => size),
    ),
    gauge(
      'keywright_cache_bytes',
      'Bytes in memory, by cache, as they are counted against its limit.',
      bytes,
    ),
    gauge(
      'keywright_applied_change',
      'The newest change that was applied to what is in memory; of several workers the oldest of these.',
      [[{}, applied]],
      'min',
    ),
    gauge(
      'keywright_lease_remaining_seconds',
      'How long what is in memory may still be used without the database; of several workers the shortest. Not on SQLite.',
      leaseRemainingMs === null ? [] : [[{}, Math.max(0, leaseRemainingMs / 1_000)]],
      'min',
    ),
    histogram(
      'keywright_barrier_duration_seconds',
      'How long a change waited until every verifier had let go of the old state. Not on SQLite.',
      [[{}, sources.barrierTimes]],
    ),
    gauge('keywright_uses_waiting', 'Last uses of keys that are not written yet.', [
      [{}, sources.usesWaiting()],
    ]),
    gauge('keywright_workers', 'How many workers there are to be.', [[{}, count]], 'max'),
    gauge('keywright_workers_serving', 'How many workers serve.', [[{}, serving]], 'max'),
    ...(await takeProcessSnapshot()),
  ];
}
