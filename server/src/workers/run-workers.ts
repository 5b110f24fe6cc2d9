import cluster, { type Worker } from 'node:cluster';
import { counter } from '../lib/metrics/metric-snapshot.ts';
import { takeProcessSnapshot, watchProcess } from '../lib/metrics/take-process-snapshot.ts';
import { UnavailableError } from '../lib/unavailable-error.ts';
import { createSnapshotCollector } from './collect-snapshots.ts';
import type { Addresses, FromWorker, ToWorker } from './messages.ts';
import { restartDelay, soundAfterMs } from './restart-delay.ts';
import { trackHandedConnections } from './track-handed-connections.ts';

export type WorkersLog = {
  info: (fields: Record<string, number | string | null | undefined>, message: string) => void;
  warn: (fields: Record<string, number | string | null | undefined>, message: string) => void;
};

export type RunWorkersOptions<Config> = {
  count: number;
  /** What a worker is started with; `at`: where it must listen, once there was a time when nobody listened. */
  configFor: (at: Addresses | undefined) => Config;
  /** What must be done before the first one starts; the workers load the program meanwhile. */
  prepare: () => Promise<void>;
  log: WorkersLog;
};

export type RunningWorkers = Addresses & { close: () => Promise<void> };

/** One place for a worker; who works there changes. */
type Place = {
  number: number;
  worker: Worker | undefined;
  /** It was told to start, and may listen. */
  hasStarted: boolean;
  isReady: boolean;
  startedAt: number;
  failures: number;
  restart: NodeJS.Timeout | undefined;
};

/**
 * Where objects begin, in megabytes. Node begins with one, which the requests that are under way fill: they are taken for
 * objects that stay, and collecting them takes a third of the time (docs/decisions/0017-the-hot-path.md).
 */
const heapArguments = ['--min-semi-space-size=8'];

/** Draining takes a worker 10 s at most; one that is still there then does not react. */
const patienceMs = 9_900;

/**
 * Runs `count` workers that share their listeners, and puts another one in the place of each that ends. A connection goes to
 * the workers in turn (docs/decisions/0015-workers.md). `close` has them drain, for 10 s at most.
 * @throws what `prepare` throws; Error or UnavailableError with a worker's reason where one of the first cannot start.
 */
export async function runWorkers<Config>(options: RunWorkersOptions<Config>): Promise<RunningWorkers> {
  const { count, log } = options;
  cluster.schedulingPolicy = cluster.SCHED_RR;
  cluster.setupPrimary({ execArgv: [...process.execArgv, ...heapArguments] });
  watchProcess();
  const handed = trackHandedConnections();
  let addresses: Addresses | undefined;
  let announced: Addresses | undefined;
  let restarts = 0;
  let isClosing = false;
  const first = Promise.withResolvers<Addresses>();
  // Whoever fails while `prepare` runs is heard of after it.
  first.promise.catch(() => undefined);
  const prepared = Promise.withResolvers<void>();
  prepared.promise.catch(() => undefined);
  const places = Array.from({ length: count }, (_, index): Place => {
    return {
      number: index + 1,
      worker: undefined,
      hasStarted: false,
      isReady: false,
      startedAt: 0,
      failures: 0,
      restart: undefined,
    };
  });
  const serving = () => places.filter((place) => place.isReady).length;

  function send(worker: Worker, message: ToWorker<Config>): void {
    // One that is gone is noticed by its end, not by what it can no longer be told.
    if (worker.isConnected()) worker.send(message, () => undefined);
  }

  const snapshots = createSnapshotCollector((worker) => send(worker, { type: 'count' }));

  async function countAll(worker: Worker, request: number): Promise<void> {
    const ready = places.flatMap((place) => (place.isReady && place.worker ? [place.worker] : []));
    const collected = await snapshots.collect(ready);
    const own = [
      counter('keywright_worker_restarts_total', 'Workers that took the place of one that ended.', [
        [{}, restarts],
      ]),
      // Of this process what it uses counts; its event loop answers nobody.
      ...(await takeProcessSnapshot()).filter(({ name }) => name.startsWith('process_')),
    ];
    send(worker, { type: 'counted', request, snapshots: [...collected, own] });
  }

  function tellHowManyServe(): void {
    for (const { worker } of places)
      if (worker !== undefined) send(worker, { type: 'serving', workers: serving() });
  }

  function fill(place: Place): void {
    const worker = cluster.fork();
    handed.watch(worker);
    place.worker = worker;
    place.startedAt = performance.now();
    worker.on('message', (message: FromWorker) => hear(place, worker, message));
    // Could not be started, or be told something; an end follows, but where it never began.
    worker.on('error', (error) => {
      if (worker.process.pid === undefined) onEnd(place, worker, error.message);
    });
    worker.once('exit', (code, signal) => onEnd(place, worker, signal ?? `exit code ${code}`));
  }

  function hear(place: Place, worker: Worker, message: FromWorker): void {
    if (message.type === 'present') {
      const start = () => {
        // The port 0 is any free one, and the same for all as long as one of them listens; then no more.
        if (!places.some((other) => other.hasStarted)) announced = addresses;
        place.hasStarted = true;
        send(worker, { type: 'start', number: place.number, count, config: options.configFor(announced) });
      };
      prepared.promise.then(start, () => undefined);
    } else if (message.type === 'ready') {
      onReady(place, worker, { apiUrl: message.apiUrl, gatewayUrl: message.gatewayUrl });
    } else if (message.type === 'snapshot') {
      snapshots.heard(worker, message.snapshot);
    } else if (message.type === 'count all') {
      // It waits no longer than it has to; verifications go on without being counted.
      countAll(worker, message.request).catch(({ message: reason }: Error) =>
        log.warn({ reason }, 'the metrics could not be gathered'),
      );
    } else {
      if (addresses === undefined) first.reject(toError(message));
      else log.warn({ worker: place.number, reason: message.message }, 'a worker could not start');
    }
  }

  function onReady(place: Place, worker: Worker, at: Addresses): void {
    if (addresses !== undefined && at.apiUrl + at.gatewayUrl !== addresses.apiUrl + addresses.gatewayUrl) {
      // The last one beside it ended while it started, and the system gave it other ports.
      worker.process.kill('SIGKILL');
      return;
    }
    place.isReady = true;
    tellHowManyServe();
    log.info({ worker: place.number, workerPid: worker.process.pid }, 'a worker serves');
    if (serving() === count) first.resolve(at);
  }

  function onEnd(place: Place, worker: Worker, how: string): void {
    if (place.worker !== worker) return;
    snapshots.ended(worker);
    const lived = performance.now() - place.startedAt;
    const wasReady = place.isReady;
    place.worker = undefined;
    place.hasStarted = false;
    place.isReady = false;
    tellHowManyServe();
    if (isClosing) return;
    if (addresses === undefined) {
      first.reject(new Error(`Worker ${place.number} ended while it started (${how}).`));
      return;
    }
    place.failures = wasReady && lived >= soundAfterMs ? 0 : place.failures + 1;
    const delay = restartDelay(place.failures);
    log.warn(
      { worker: place.number, workerPid: worker.process.pid, how, nextInMilliseconds: delay },
      'a worker ended; another one takes its place',
    );
    restarts += 1;
    place.restart = setTimeout(() => fill(place), delay);
  }

  async function close(): Promise<void> {
    isClosing = true;
    await Promise.all(
      places.map(async (place) => {
        clearTimeout(place.restart);
        const { worker } = place;
        if (worker === undefined) return;
        const ended = new Promise((resolve) => worker.once('exit', resolve));
        worker.process.kill('SIGTERM');
        const impatience = setTimeout(() => worker.process.kill('SIGKILL'), patienceMs);
        await ended;
        clearTimeout(impatience);
      }),
    );
  }

  for (const place of places) fill(place);
  try {
    await options.prepare();
    prepared.resolve();
    addresses = await first.promise;
    return { ...addresses, close };
  } catch (error) {
    prepared.reject(error);
    await close();
    throw error;
  }
}

function toError({ message, unavailable }: Extract<FromWorker, { type: 'failed' }>): Error {
  return unavailable === null ? new Error(message) : new UnavailableError(unavailable);
}
