import { parentPort, Worker } from 'node:worker_threads';
import { redundant } from './redundant.ts';
import { type Outcome, runSchedule } from './run-schedule.ts';
import { variants } from './variants.ts';

type Task = { seed: number; variant: string | undefined };
type Done = { outcome: Outcome } | { error: unknown };

export type Simulator = {
  run: (seed: number, variant?: string) => Promise<Outcome>;
  close: () => Promise<unknown>;
};

/**
 * Runs schedules in a thread of its own: the test runner watches every promise of the thread that it runs in, and a
 * schedule of thousands would take ten times as long.
 */
export function openSimulator(): Simulator {
  const worker = new Worker(new URL(import.meta.url));
  const waiting: ((done: Done) => void)[] = [];
  worker.on('message', (done: Done) => waiting.shift()?.(done));
  worker.on('error', (error) => {
    for (const done of waiting.splice(0)) done({ error });
  });
  return {
    run: async (seed, variant) => {
      const answered = new Promise<Done>((resolve) => waiting.push(resolve));
      worker.postMessage({ seed, variant } satisfies Task);
      const done = await answered;
      if ('error' in done) throw new Error(`in schedule SIMULATION_SEED=${seed}`, { cause: done.error });
      return done.outcome;
    },
    close: () => worker.terminate(),
  };
}

parentPort?.on('message', async ({ seed, variant }: Task) => {
  const chosen = variant === undefined ? undefined : (variants[variant] ?? redundant[variant]?.variant);
  try {
    parentPort?.postMessage({ outcome: await runSchedule(seed, chosen) } satisfies Done);
  } catch (error) {
    parentPort?.postMessage({ error } satisfies Done);
  }
});
