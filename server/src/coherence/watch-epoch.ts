import { type LeaseTable, leaseMarginMs, type Told } from '../database/coordination.ts';
import type { Timing } from '../lib/timing.ts';

/** Tells from answers of the database whether somebody may still hold a lease from an earlier epoch. */
export type EpochWatch = {
  /** Milliseconds for which nobody may rely on the lease table yet; 0: every lease from before has run out. Call it as an answer arrives. */
  remainingMs(told: Told): number;
};

/**
 * After the database was restarted, replaced or put back, its lease table may lack verifiers that still answer from their
 * caches. None does so for longer than a longest lease after the new epoch was first seen, by the watcher's own monotonic
 * clock: the last renewal of an earlier epoch was sent before. Who has watched that long records it (`settle`), so that
 * the next process, such as a command, need not. What is recorded is the epoch's name, no instant: it is true of that
 * epoch for ever, wherever the row is read, and every other epoch has another name, also that of a backup in which this
 * row stands. The statement that records it does nothing if the epoch is another one by then.
 */
export function watchEpoch(
  table: Pick<LeaseTable, 'settle'>,
  timing: Pick<Timing, 'monotonic'>,
  ownLeaseMs: number,
): EpochWatch {
  type Seen = { epoch: string; since: number; isOver: boolean; isNoted: boolean };
  let seen: Seen | undefined;

  function note(settled: Seen): void {
    settled.isNoted = true;
    table.settle(settled.epoch).catch(() => {
      // With the next answer again.
      settled.isNoted = false;
    });
  }

  return {
    remainingMs: (told) => {
      if (seen?.epoch !== told.epoch) {
        seen = { epoch: told.epoch, since: timing.monotonic(), isOver: false, isNoted: false };
      }
      if (told.isSettled) {
        seen.isOver = true;
        seen.isNoted = true;
      }
      // A database that was put back may not know of the longest lease there was; the own setting is the second witness.
      const longest = Math.max(ownLeaseMs, told.longestLeaseMs);
      const rest = seen.since + longest + leaseMarginMs(longest) - timing.monotonic();
      if (rest <= 0) seen.isOver = true;
      if (seen.isOver && !seen.isNoted) note(seen);
      return seen.isOver ? 0 : rest;
    },
  };
}
