import { UnavailableError } from '../../../src/lib/unavailable-error.ts';
import type { Machine } from './machine.ts';
import type { World } from './world.ts';

export type Luck = {
  /** Milliseconds on the way, one way. */
  transit: () => number;
  /** Milliseconds from a statement's snapshot to its commit, or to the end of a read. */
  work: () => number;
  losesWakeUp: () => boolean;
};

/** Between one machine and the database. */
export type Link = { cutUntil: number; wakeUpsCutUntil: number };

/** Sends a statement, which answers by calling `answer` once. Fails after the patience of the connection, or when it breaks. */
export type Ask = <Answer>(statement: (answer: (value: Answer) => void) => void) => Promise<Answer>;

export type Network = {
  connect: (machine: Machine, link: Link, patienceMs: number) => Ask;
  /** The server is gone: who waits is told, and for so long nobody is let in. */
  breakAll: (downForMs: number) => void;
};

/** Between machines and the database. A request or an answer that is cut off may arrive when the cut is over, long after it was given up. */
export function createNetwork(world: World, luck: Luck, life: () => number): Network {
  let downUntil = 0;
  let pending = new Set<() => void>();

  const connect =
    (machine: Machine, link: Link, patienceMs: number): Ask =>
    (statement) =>
      new Promise((resolve, reject) => {
        let isOver = false;
        const finish = (act: () => void) => {
          if (isOver) return;
          isOver = true;
          cancel();
          pending.delete(fail);
          act();
        };
        const fail = () => machine.whenAwake(() => finish(() => reject(new UnavailableError('simulated'))));
        const cancel = machine.timing.after(patienceMs, fail);
        pending.add(fail);
        const arrive = () => {
          if (world.now() < link.cutUntil) {
            if (luck.losesWakeUp()) world.at(link.cutUntil + luck.transit(), arrive);
          } else if (world.now() < downUntil) world.at(world.now() + luck.transit(), fail);
          else {
            const mine = life();
            statement((value) => {
              const deliver = () => {
                if (life() !== mine) return;
                if (world.now() < link.cutUntil) world.at(link.cutUntil + luck.transit(), deliver);
                else machine.whenAwake(() => finish(() => resolve(value)));
              };
              world.at(world.now() + luck.transit(), deliver);
            });
          }
        };
        world.at(world.now() + luck.transit(), arrive);
      });

  return {
    connect,
    breakAll: (downForMs) => {
      downUntil = world.now() + downForMs;
      const broken = pending;
      pending = new Set();
      for (const fail of broken) world.at(world.now() + luck.transit(), fail);
    },
  };
}
