import type { World } from './world.ts';

export type Transactions = {
  /** Goes on after so many milliseconds, unless everything was undone meanwhile. */
  later: (milliseconds: number, run: () => void) => void;
  /** Waits for a lock, and holds it until it is released or everything is undone. */
  lock: (name: string, run: (release: () => void) => void) => void;
  lockAll: (names: readonly string[], run: (release: () => void) => void) => void;
  /** Grows each time everything is undone. */
  life: () => number;
  undoAll: () => void;
};

/** What is under way in a database: steps that take time, locks that are waited for in line; a crash undoes all of it. */
export function createTransactions(world: World): Transactions {
  let life = 1;
  let locks = new Map<string, (() => void)[]>();

  function later(milliseconds: number, run: () => void): void {
    const mine = life;
    world.at(world.now() + milliseconds, () => {
      if (life === mine) run();
    });
  }

  function lock(name: string, run: (release: () => void) => void): void {
    const mine = life;
    const release = () => {
      if (life !== mine) return;
      const next = locks.get(name)?.shift();
      if (next === undefined) locks.delete(name);
      else next();
    };
    const enter = () => {
      if (life === mine) run(release);
    };
    const line = locks.get(name);
    if (line !== undefined) line.push(enter);
    else {
      locks.set(name, []);
      enter();
    }
  }

  function lockAll(names: readonly string[], run: (release: () => void) => void): void {
    const [first, ...more] = names;
    if (first === undefined) run(() => undefined);
    else {
      lock(first, (release) =>
        lockAll(more, (releaseMore) =>
          run(() => {
            releaseMore();
            release();
          }),
        ),
      );
    }
  }

  return {
    later,
    lock,
    lockAll,
    life: () => life,
    undoAll: () => {
      life += 1;
      locks = new Map();
    },
  };
}
