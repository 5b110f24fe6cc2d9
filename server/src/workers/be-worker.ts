import cluster from 'node:cluster';
import type { MetricSnapshot } from '../lib/metrics/metric-snapshot.ts';
import { UnavailableError } from '../lib/unavailable-error.ts';
import type { Addresses, FromWorker, ToWorker } from './messages.ts';

/** What a worker knows of its place among the others. */
export type WorkerPlace = {
  /** From 1 on; another worker that takes the place of one that ended has its number. */
  number: number;
  /** How many there are to be. */
  count: number;
  /** How many serve now. */
  serving: () => number;
  /**
   * What all of them have counted, the main process and those that are gone among them.
   * @throws Error where that takes too long.
   */
  countAll: () => Promise<MetricSnapshot[][]>;
};

export type RunningWorker = Addresses & {
  takeSnapshot: () => Promise<MetricSnapshot[]>;
  close: () => Promise<void>;
};

/** The main process waits 1 s for each worker, for all at once. */
const patienceMs = 3_000;

/**
 * The life of a worker: waits for the main process to say how to start, starts, and drains when it is told to end or when
 * the main process is gone. Ends the process itself.
 */
export function beWorker<Config>(
  start: (config: Config, place: WorkerPlace) => Promise<RunningWorker>,
): void {
  let running: Promise<RunningWorker> | undefined;
  let requests = 0;
  const asked = new Map<number, (snapshots: MetricSnapshot[][]) => void>();
  let serving = 0;
  let isEnding = false;

  async function end(): Promise<void> {
    if (isEnding) return;
    isEnding = true;
    const started = await running?.catch(() => undefined);
    await started?.close();
    const snapshot = await started?.takeSnapshot().catch(() => undefined);
    const leave = () => process.exit(0);
    if (snapshot === undefined) leave();
    else tell({ type: 'snapshot', snapshot }, leave);
  }

  function countAll(): Promise<MetricSnapshot[][]> {
    const request = ++requests;
    return new Promise((resolve, reject) => {
      const impatience = setTimeout(() => {
        asked.delete(request);
        reject(new Error(`The main process did not answer within ${patienceMs} ms.`));
      }, patienceMs);
      asked.set(request, (snapshots) => {
        clearTimeout(impatience);
        asked.delete(request);
        resolve(snapshots);
      });
      tell({ type: 'count all', request });
    });
  }

  async function begin(message: Extract<ToWorker<Config>, { type: 'start' }>): Promise<void> {
    const { number, count, config } = message;
    try {
      const starting = start(config, { number, count, serving: () => serving, countAll });
      running = starting;
      const { apiUrl, gatewayUrl } = await starting;
      tell({ type: 'ready', apiUrl, gatewayUrl });
    } catch (error) {
      const unavailable = error instanceof UnavailableError ? error.reason : null;
      const reason = error instanceof Error ? error.message : String(error);
      tell({ type: 'failed', message: reason, unavailable }, () => process.exit(1));
    }
  }

  async function tellCounts(): Promise<void> {
    const started = await running?.catch(() => undefined);
    // Whoever cannot count says nothing: what was said before stands, and verifications go on.
    const snapshot = await started?.takeSnapshot().catch(() => undefined);
    if (snapshot !== undefined) tell({ type: 'snapshot', snapshot });
  }

  process.on('message', (message: ToWorker<Config>) => {
    if (message.type === 'serving') serving = message.workers;
    else if (message.type === 'counted') asked.get(message.request)?.(message.snapshots);
    else if (message.type === 'count') void tellCounts();
    else if (running === undefined && !isEnding) void begin(message);
  });
  // Not `once`: of several signals (a service manager's to all processes, and the main one's) none may cut off the end.
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  // Else node:cluster ends the process at once when the main one is gone, and with it the requests that run.
  if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true;
  process.on('disconnect', end);
  tell({ type: 'present' });
}

function tell(message: FromWorker, told: () => void = () => undefined): void {
  // Where nobody listens any more there is nothing to tell; `disconnect` follows.
  if (process.send === undefined || !process.connected) told();
  else process.send(message, undefined, undefined, told);
}
