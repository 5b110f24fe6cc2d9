import { barrierTimesOf } from '../../coherence/barrier-times.ts';
import type { Coherence } from '../../coherence/coherence.ts';
import type { Services } from '../../domain/context.ts';
import { renderSnapshots } from '../../lib/metrics/join-snapshots.ts';
import type { MetricSnapshot } from '../../lib/metrics/metric-snapshot.ts';
import { watchProcess } from '../../lib/metrics/take-process-snapshot.ts';
import { countVerifications, createVerificationCounts } from '../../verification/count-verifications.ts';
import { countsOfCaches } from '../../verification/counts-of-caches.ts';
import type { Uses } from '../../verification/uses.ts';
import type { Verifier } from '../../verification/verifier.ts';
import { createRequestTimes, type RequestTimes } from './request-times.ts';
import { type CacheCounts, takeSnapshot } from './take-snapshot.ts';

export type Metrics = {
  /** The verifier's, counted. */
  verify: Verifier['verify'];
  requestTimes: RequestTimes;
  /** What this process has counted. */
  takeOwnSnapshot: () => Promise<MetricSnapshot[]>;
  /** What `/metrics` answers: all workers together. */
  readMetrics: () => Promise<string>;
};

/** Joins what the parts of a process count. `worker`: this process among its workers; without `countAll` there is no other one. */
export function createMetrics(given: {
  database: Services['database'];
  verifier: Verifier;
  managementKeys: CacheCounts;
  uses: Uses;
  coherence: Coherence;
  worker: { count: number; serving: () => number; countAll?: () => Promise<MetricSnapshot[][]> };
}): Metrics {
  const { database, verifier, managementKeys, uses, coherence, worker } = given;
  const verifications = createVerificationCounts();
  const requestTimes = createRequestTimes();
  const counts = countsOfCaches(verifier.caches);
  watchProcess();
  const takeOwnSnapshot = () =>
    takeSnapshot({
      verifications,
      requestTimes,
      // A database without leases has nothing to wait for, and its times stay empty.
      barrierTimes: barrierTimesOf(database.leases ?? database),
      caches: { ...counts.caches, management_keys: managementKeys },
      cacheBytes: counts.cacheBytes,
      coherence,
      usesWaiting: uses.waiting,
      workers: () => ({ count: worker.count, serving: worker.serving() }),
    });
  return {
    verify: countVerifications(verifier.verify, verifications),
    requestTimes,
    takeOwnSnapshot,
    readMetrics: async () => renderSnapshots((await worker.countAll?.()) ?? [await takeOwnSnapshot()]),
  };
}
