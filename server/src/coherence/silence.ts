import { type LeaseRow, leaseMarginMs } from '../database/coordination.ts';
import type { Timing } from '../lib/timing.ts';

export type Silence = {
  /** Whether this verifier's lease has run out for certain. Call it as the answer that shows the row arrives. */
  isOver(row: LeaseRow): boolean;
};

/**
 * Notes since when each row has been unchanged. A verifier counts its lease from before it sent its last renewal, the
 * caller from after an answer showed that renewal, each by a clock of their own: when the caller has counted a lease
 * and a margin, the verifier has counted its lease less a margin.
 */
export function createSilence(timing: Pick<Timing, 'monotonic'>): Silence {
  const seen = new Map<string, { renewals: number; since: number }>();
  return {
    isOver: (row) => {
      const known = seen.get(row.verifierId);
      const now = timing.monotonic();
      if (known === undefined || known.renewals !== row.renewals) {
        seen.set(row.verifierId, { renewals: row.renewals, since: now });
        return false;
      }
      return now - known.since >= row.leaseMs + leaseMarginMs(row.leaseMs);
    },
  };
}
