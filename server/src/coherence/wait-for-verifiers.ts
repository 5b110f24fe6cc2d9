import type { Database } from '../database/database.ts';

/** How many verifiers had to let go of the old state, and how long that took. */
export type Propagation = { verifiers: number; milliseconds: number };

/**
 * Returns when no verifier uses a state from before change `seq` (undefined: before any change that was committed when
 * this was called). Every verification reads the database itself and no verifier keeps a key's state, so there is
 * nobody to wait for: the commit was the end of it.
 */
export async function waitForVerifiers(_database: Database, _seq: number | undefined): Promise<Propagation> {
  return { verifiers: 0, milliseconds: 0 };
}
