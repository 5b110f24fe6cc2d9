import { readFileSync } from 'node:fs';
import type { Fault } from './faults.ts';
import type { NodeProcess } from './node-process.ts';

/** Faults of single workers of the first node. It does not count as struck: its other workers decide. */
export function workerFaults(
  nodes: readonly NodeProcess[],
  given: { lease: number; random: () => number },
): Record<string, Fault> {
  const pick = () => {
    const workers = childrenOf(nodes[0]?.served()?.pid ?? 0);
    const worker = workers[Math.floor(given.random() * workers.length)];
    if (worker === undefined) throw new Error('The first node has no workers.');
    return worker;
  };
  return {
    'worker stopped': {
      strikes: 'none',
      held: [given.lease / 10, given.lease * 2.5],
      begin: async () => {
        const worker = pick();
        process.kill(worker, 'SIGSTOP');
        return async () => void process.kill(worker, 'SIGCONT');
      },
    },
    'worker killed': {
      strikes: 'none',
      held: [given.lease, given.lease * 2],
      begin: async () => {
        process.kill(pick(), 'SIGKILL');
        return async () => {};
      },
    },
  };
}

/** Linux only. */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}
