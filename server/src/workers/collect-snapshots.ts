import type { Worker } from 'node:cluster';
import { setTimeout as pause } from 'node:timers/promises';
import { sumUp } from '../lib/metrics/join-snapshots.ts';
import type { MetricSnapshot } from '../lib/metrics/metric-snapshot.ts';

export type SnapshotCollector = {
  /** What these workers count now, and what those that are gone had counted. */
  collect: (workers: readonly Worker[]) => Promise<MetricSnapshot[][]>;
  heard: (worker: Worker, snapshot: MetricSnapshot[]) => void;
  ended: (worker: Worker) => void;
};

/** Of a worker that does not answer within this time, what it said before stands. */
const patienceMs = 1_000;

/**
 * Gathers what workers count, in the main process. Whatever was told once stays in the sum, also when its worker is gone:
 * a counter that falls is taken for a restart, and its whole value for what came since.
 */
export function createSnapshotCollector(ask: (worker: Worker) => void): SnapshotCollector {
  const latest = new Map<Worker, MetricSnapshot[]>();
  const waiting = new Map<Worker, (() => void)[]>();
  let gone: MetricSnapshot[] = [];
  let adding: Promise<void> = Promise.resolve();

  function answerOf(worker: Worker): Promise<void> {
    return new Promise((resolve) => {
      const others = waiting.get(worker);
      if (others !== undefined) others.push(resolve);
      else {
        waiting.set(worker, [resolve]);
        ask(worker);
      }
    });
  }

  function wake(worker: Worker): void {
    const woken = waiting.get(worker) ?? [];
    waiting.delete(worker);
    for (const resolve of woken) resolve();
  }

  return {
    collect: async (workers) => {
      await Promise.race([Promise.all(workers.map(answerOf)), pause(patienceMs, undefined, { ref: false })]);
      await adding;
      return [gone, ...latest.values()];
    },
    heard: (worker, snapshot) => {
      latest.set(worker, snapshot);
      wake(worker);
    },
    ended: (worker) => {
      const last = latest.get(worker);
      if (last !== undefined) {
        adding = adding
          .then(async () => {
            gone = await sumUp([gone, last]);
          })
          // What cannot be added is left out; the rest goes on being counted.
          .catch(() => undefined)
          .then(() => {
            latest.delete(worker);
          });
      }
      wake(worker);
    },
  };
}
