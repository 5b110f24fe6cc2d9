import { createHistogram, type Histogram } from '../lib/metrics/histogram.ts';

/** Seconds: milliseconds where all are well, about one lease where one is not. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const known = new WeakMap<object, Histogram>();

/** How long changes waited until every verifier of these leases had let go, in seconds; of changes made by this process. */
export function barrierTimesOf(leases: object): Histogram {
  const found = known.get(leases) ?? createHistogram(bounds);
  known.set(leases, found);
  return found;
}
