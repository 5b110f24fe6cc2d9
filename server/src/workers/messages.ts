import type { MetricSnapshot } from '../lib/metrics/metric-snapshot.ts';

/** Where a worker listens, as every worker says it: they share one port each. */
export type Addresses = { apiUrl: string; gatewayUrl: string };

/** From the main process to a worker. */
export type ToWorker<Config> =
  | { type: 'start'; number: number; count: number; config: Config }
  /** How many workers serve now. */
  | { type: 'serving'; workers: number }
  /** Say what you have counted. */
  | { type: 'count' }
  /** What all of them have counted, the main process and those that are gone among them. */
  | { type: 'counted'; request: number; snapshots: MetricSnapshot[][] };

/** From a worker to the main process. */
export type FromWorker =
  /** It is there, and waits for `start` while it loads the program. */
  | { type: 'present' }
  | ({ type: 'ready' } & Addresses)
  /** It could not start. `unavailable`: UnavailableError's reason, where it was one. */
  | { type: 'failed'; message: string; unavailable: string | null }
  /** What this one has counted: the answer to `count`, and its last words. */
  | { type: 'snapshot'; snapshot: MetricSnapshot[] }
  /** It was asked for what all have counted. */
  | { type: 'count all'; request: number };
