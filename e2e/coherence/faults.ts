import { setTimeout as pause } from 'node:timers/promises';
import type { NodeProcess } from './node-process.ts';

/** Something that goes wrong, again and again, for a while each time. */
export type Fault = {
  /** Whom it strikes: of these no verification need be decided while it goes on. */
  strikes: 'one node' | 'two nodes' | 'every node' | 'none';
  /** How long it is held: at least and at most, in milliseconds. */
  held: readonly [number, number];
  /** How long nothing happens before it begins again. */
  rest?: readonly [number, number];
  /** Begins it; returns what ends it. */
  begin: (node: number) => Promise<() => Promise<void>>;
};

/** Faults of the processes themselves, on whatever database. @param lease its milliseconds, or what stands for them. */
export function processFaults(nodes: readonly NodeProcess[], lease: number): Record<string, Fault> {
  const at = (node: number) => {
    const found = nodes[node];
    if (found === undefined) throw new Error(`There is no node ${node}.`);
    return found;
  };
  return {
    stopped: {
      strikes: 'one node',
      held: [lease / 10, lease * 2.5],
      begin: async (node) => {
        at(node).signal('SIGSTOP');
        return async () => at(node).signal('SIGCONT');
      },
    },
    killed: {
      strikes: 'one node',
      held: [0, lease],
      begin: async (node) => {
        await at(node).end('SIGKILL');
        return () => at(node).start();
      },
    },
    'started anew': {
      strikes: 'one node',
      held: [0, 100],
      begin: async (node) => {
        await at(node).end('SIGTERM');
        return () => at(node).start();
      },
    },
  };
}

/** Two of the faults of single nodes at a time, at two nodes. */
export function twoAtOnce(
  faults: Readonly<Record<string, Fault>>,
  given: { nodes: number; lease: number; random: () => number },
): Fault {
  const single = Object.values(faults).filter((fault) => fault.strikes === 'one node');
  const pick = () => single[Math.floor(given.random() * single.length)];
  return {
    strikes: 'two nodes',
    held: [given.lease / 5, given.lease * 2],
    begin: async (node) => {
      const ends = await Promise.all([pick()?.begin(node), pick()?.begin((node + 1) % given.nodes)]);
      return async () => {
        await Promise.all(ends.map((end) => end?.()));
      };
    },
  };
}

/** Lets the fault happen to random nodes, one after the other, until told to stop; ends it then. */
export async function repeatFault(
  fault: Fault,
  given: {
    nodes: number;
    random: () => number;
    setStruck: (nodes: ReadonlySet<number>) => void;
    isOver: () => boolean;
  },
): Promise<void> {
  const { random } = given;
  const between = ([least, most]: readonly [number, number]) => least + random() * (most - least);
  const sleep = async (milliseconds: number) => {
    const until = performance.now() + milliseconds;
    while (!given.isOver() && performance.now() < until) await pause(10);
  };
  const every = new Set(Array.from({ length: given.nodes }, (_, node) => node));
  while (!given.isOver()) {
    await sleep(between(fault.rest ?? [50, 800]));
    if (given.isOver()) return;
    const node = Math.floor(random() * given.nodes);
    const struck = {
      'one node': new Set([node]),
      'two nodes': new Set([node, (node + 1) % given.nodes]),
      'every node': every,
      none: new Set<number>(),
    };
    given.setStruck(struck[fault.strikes]);
    const end = await fault.begin(node);
    await sleep(between(fault.held));
    await end();
    // What was struck comes back by itself, and has a moment for it.
    await sleep(fault.strikes === 'none' ? 0 : 300);
    given.setStruck(new Set());
  }
}
