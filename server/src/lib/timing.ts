import { type Clock, systemClock } from './clock.ts';

/** What passes for time in one process. Passed in where waiting matters, so that tests and the simulation control it. */
export type Timing = {
  /** Milliseconds since some moment, never stepping; it may stand still while the machine sleeps. */
  monotonic: () => number;
  /** Epoch milliseconds: goes on while the machine sleeps, but may be set to anything. */
  wall: Clock;
  /** Runs `run` after so many milliseconds of the monotonic clock; the answer cancels it. */
  after: (milliseconds: number, run: () => void) => () => void;
};

/** The machine's. Only the wiring uses it. */
export const systemTiming: Timing = {
  monotonic: () => performance.now(),
  wall: systemClock,
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};
