import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { plantIn } from './plant-in.ts';
import { runDriver } from './run-driver.ts';
import { usualDrive } from './usual-drive.ts';

// Parts of the protocol left out of the real nodes: that the test on PostgreSQL can find each.

const plants: Readonly<
  Record<string, { in: readonly [file: string, from: string, to: string]; faults: string[] }>
> = {
  'changes wait for nobody': {
    in: ['coherence/create-barrier.ts', 'laggards(look, target);', 'laggards(look, -1);'],
    faults: ['wake-ups: silence'],
  },
  'what changed is acknowledged, and not applied': {
    in: ['coherence/hold-lease.ts', 'tell(whatChanged(held, handed));', ''],
    faults: ['none'],
  },
  'a lease never runs out': {
    in: [
      'coherence/deadline.ts',
      'isAhead: () => timing.monotonic()',
      'isAhead: () => monotonicEnd > 0 || timing.monotonic()',
    ],
    faults: ['cut off: questions lost'],
  },
};

describe('nodes on PostgreSQL are found out where', () => {
  for (const [name, plant] of Object.entries(plants)) {
    test(name, async (t) => {
      const { tally } = await runDriver(
        {
          ...usualDrive(t),
          database: 'postgres',
          wholeTable: false,
          changesPerFault: 40,
          mostSecondsPerFault: 20,
          byCommandEvery: 0,
          endAtFirst: true,
          faults: plant.faults,
          settings: plantIn(...plant.in),
        },
        (line) => t.diagnostic(line),
      );
      assert.ok(tally.violations.length > 0);
    });
  }
});
