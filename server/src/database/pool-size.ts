/** Of one process, and of all workers of a node together. */
const most = 20;
const mostTogether = 40;
/** Half of them read and half write, and one that waits for a lock must not be all there is. */
const least = 6;

/**
 * How many connections each of so many workers may open for reading and writing, so that a node of 8 workers fits into the
 * 100 that PostgreSQL allows unless told otherwise. Each worker's lease and wake-ups take two more.
 */
export function poolSizeOf(workers: number): number {
  return Math.max(least, Math.min(most, Math.floor(mostTogether / workers)));
}
