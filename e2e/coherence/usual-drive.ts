import type { TestContext } from 'node:test';
import type { DriveOptions } from './drive.ts';
import type { OpenOptions } from './open-drive.ts';

const isLong = process.env.KEYWRIGHT_CHAOS === '1';

/**
 * What all runs have in common: KEYWRIGHT_TEST_SEED draws the random numbers of an earlier run again; what happens also
 * depends on the machine.
 */
export function usualStage(t: TestContext): Omit<OpenOptions, 'namespaces' | 'database'> {
  const seed = Number(process.env.KEYWRIGHT_TEST_SEED ?? Date.now() % 1_000_000_000);
  t.diagnostic(`KEYWRIGHT_TEST_SEED=${seed}`);
  return { seed, nodes: 4, lanesPerNode: 1, leaseSeconds: 1, settings: {}, plant: 'nothing' };
}

/** Short in `npm test`; at least 5,000 changes on PostgreSQL in `npm run test:chaos`. */
export function usualDrive(t: TestContext): Omit<DriveOptions, 'namespaces' | 'database' | 'faults'> {
  return {
    ...usualStage(t),
    changesPerFault: isLong ? 500 : 8,
    wholeTable: true,
    mostSecondsPerFault: isLong ? 600 : 2.5,
    atATime: isLong ? 12 : 5,
    byCommandEvery: isLong ? 20 : 12,
    endAtFirst: false,
  };
}

export const leastChanges = isLong ? 5_000 : 80;
export const burstSeconds = isLong ? 60 : 10;
