import type { TestContext } from 'node:test';
import type { DriveOptions } from './drive.ts';

const isLong = process.env.KEYWRIGHT_CHAOS === '1';

/**
 * What the tests' runs have in common: short in `npm test`, at least 5,000 changes on PostgreSQL in `npm run test:chaos`.
 * KEYWRIGHT_TEST_SEED draws the random numbers of an earlier run again; what happens also depends on the machine.
 */
export function usualDrive(t: TestContext): Omit<DriveOptions, 'namespaces' | 'database' | 'faults'> {
  const seed = Number(process.env.KEYWRIGHT_TEST_SEED ?? Date.now() % 1_000_000_000);
  t.diagnostic(`KEYWRIGHT_TEST_SEED=${seed}`);
  return {
    seed,
    nodes: 4,
    lanesPerNode: 1,
    leaseSeconds: 1,
    settings: {},
    changesPerFault: isLong ? 560 : 12,
    wholeTable: true,
    mostSecondsPerFault: isLong ? 600 : 3,
    atATime: 4,
    byCommandEvery: isLong ? 20 : 12,
    plant: 'nothing',
  };
}

export const leastChanges = isLong ? 5_000 : 80;
