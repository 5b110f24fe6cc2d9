import type { Timing } from '../lib/timing.ts';

export type Moment = { monotonic: number; wall: number };

/** Until when a verifier may answer from its cache. */
export type Deadline = {
  now(): Moment;
  /** Moves it to as long after `sent` as a lease is good for. `sent`: the moment before a renewal was sent. */
  move(sent: Moment): void;
  /** From here on nothing may be used, until it is moved. */
  pass(): void;
  isAhead(): boolean;
  remainingMs(): number;
};

/**
 * By both clocks, whichever comes first: the monotonic one stands still while the machine sleeps, and the wall clock may
 * be set back. It counts from before the renewal was sent, because whoever waits for this verifier counts from after
 * they saw it, and nobody knows where in between the renewal happened.
 */
export function createDeadline(timing: Pick<Timing, 'monotonic' | 'wall'>, validMs: number): Deadline {
  let monotonicEnd = Number.NEGATIVE_INFINITY;
  let wallEnd = Number.NEGATIVE_INFINITY;
  return {
    now: () => ({ monotonic: timing.monotonic(), wall: timing.wall() }),
    move: (sent) => {
      monotonicEnd = sent.monotonic + validMs;
      wallEnd = sent.wall + validMs;
    },
    pass: () => {
      monotonicEnd = Number.NEGATIVE_INFINITY;
      wallEnd = Number.NEGATIVE_INFINITY;
    },
    isAhead: () => timing.monotonic() < monotonicEnd && timing.wall() < wallEnd,
    remainingMs: () => Math.max(0, Math.min(monotonicEnd - timing.monotonic(), wallEnd - timing.wall())),
  };
}
