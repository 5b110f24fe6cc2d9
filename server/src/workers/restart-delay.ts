const shortestMs = 100;
const longestMs = 10_000;

/** How long a worker that lived shorter than this before it ended is taken for one that failed to start. */
export const soundAfterMs = 30_000;

/**
 * How long to wait before another worker takes the place of one that ended: at once after a sound life, then twice as
 * long with each that failed in a row, up to 10 s. `failures`: how many did, the last one among them.
 */
export function restartDelay(failures: number): number {
  return failures === 0 ? 0 : Math.min(longestMs, shortestMs * 2 ** (failures - 1));
}
