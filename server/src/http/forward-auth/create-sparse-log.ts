import type { Clock } from '../../lib/clock.ts';

const INTERVAL_MS = 10 * 60_000;

/**
 * Lets one line of each kind through in ten minutes: decisions are too many for a line each, and whoever can cause them
 * could fill the log. `kind` must come from a closed set.
 */
export function createSparseLog(clock: Clock): (kind: string, write: () => void) => void {
  const lastWritten = new Map<string, number>();
  return (kind, write) => {
    const now = clock();
    const last = lastWritten.get(kind);
    if (last !== undefined && now - last < INTERVAL_MS) return;
    lastWritten.set(kind, now);
    write();
  };
}
