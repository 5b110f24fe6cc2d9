import type { Leases } from '../database/coordination.ts';
import type { Database } from '../database/database.ts';
import { observe } from '../lib/metrics/histogram.ts';
import { barrierTimesOf } from './barrier-times.ts';
import { type Barrier, createBarrier, type Propagation } from './create-barrier.ts';

/** One a database: it remembers since when it has seen the epoch. */
const barriers = new WeakMap<Leases, Barrier>();

/**
 * Returns when no verifier uses a state from before change `seq` (undefined: before any change that was committed when
 * this was called). On SQLite each verifier looks before it answers, so the commit was the end of it.
 * @throws PropagationUnknownError: committed, and it is safe to ask again.
 */
export async function waitForVerifiers(
  { leases }: Pick<Database, 'leases'>,
  seq: number | undefined,
): Promise<Propagation> {
  if (leases === undefined) return { verifiers: 0, milliseconds: 0 };
  let barrier = barriers.get(leases);
  if (barrier === undefined) {
    barrier = createBarrier(leases);
    barriers.set(leases, barrier);
  }
  const started = leases.timing.monotonic();
  const propagation = await barrier(seq);
  observe(barrierTimesOf(leases), (leases.timing.monotonic() - started) / 1_000);
  return propagation;
}
