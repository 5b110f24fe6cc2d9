import type { Timing } from '../../../src/lib/timing.ts';
import type { World } from './world.ts';

/**
 * A process on a machine: it runs, stands still (`pause`, as by SIGSTOP: its clocks go on), sleeps with its machine
 * (`suspend`: the monotonic clock stands still too), or is dead.
 */
export type Machine = {
  readonly name: string;
  readonly timing: Timing;
  /** Runs `act` now, or when the process runs again; never if it is dead. */
  whenAwake: (act: () => void) => void;
  standStill: (until: number, how: 'pause' | 'suspend') => void;
  stepWallClock: (milliseconds: number) => void;
  kill: () => void;
  isDead: () => boolean;
};

/** @param rate how fast its clocks go: 1 is true */
export function createMachine(world: World, name: string, rate: number): Machine {
  let sleptFor = 0;
  let sleepsSince: number | undefined;
  let stillUntil = 0;
  let wallAhead = 0;
  let dead = false;
  let waiting: (() => void)[] = [];

  const monotonic = () => ((sleepsSince ?? world.now()) - sleptFor) * rate;

  function whenAwake(act: () => void): void {
    if (dead) return;
    if (world.now() < stillUntil) {
      waiting.push(act);
      return;
    }
    world.touch();
    act();
  }

  function wake(): void {
    if (dead || world.now() < stillUntil) return;
    if (sleepsSince !== undefined) sleptFor += world.now() - sleepsSince;
    sleepsSince = undefined;
    const acts = waiting;
    waiting = [];
    // One by one, each with what it promises, as the event loop would.
    for (const act of acts) world.at(world.now(), () => whenAwake(act));
  }

  return {
    name,
    timing: {
      monotonic,
      wall: () => 1_000_000 + world.now() * rate + wallAhead,
      after: (milliseconds, run) => {
        const due = monotonic() + milliseconds;
        let cancelled = false;
        const ring = () => {
          if (cancelled) return;
          const rest = due - monotonic();
          // It slept meanwhile: the timer goes by the monotonic clock.
          if (rest > 1e-6) world.at(world.now() + rest / rate, () => whenAwake(ring));
          else run();
        };
        world.at(world.now() + milliseconds / rate, () => {
          if (!cancelled) whenAwake(ring);
        });
        return () => {
          cancelled = true;
        };
      },
    },
    whenAwake,
    standStill: (until, how) => {
      if (dead || world.now() < stillUntil) return;
      stillUntil = until;
      if (how === 'suspend') sleepsSince = world.now();
      world.at(until, wake);
    },
    stepWallClock: (milliseconds) => {
      wallAhead += milliseconds;
    },
    kill: () => {
      dead = true;
      waiting = [];
    },
    isDead: () => dead,
  };
}
