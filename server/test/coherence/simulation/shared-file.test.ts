import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { watchChangeLog } from '../../../src/coherence/watch-change-log.ts';
import { naiveCache } from './mistakes.ts';
import { runSharedFile, type SharedFileVariant } from './run-shared-file.ts';

const schedules = process.env.KEYWRIGHT_CHAOS === '1' ? 2_000 : 100;

const mistakes: Record<string, SharedFileVariant> = {
  'a look that counts for a while': {
    watch: (changes, machine) => {
      const real = watchChangeLog(changes);
      let lookedAt = Number.NEGATIVE_INFINITY;
      return {
        isCurrent: () => {
          const now = machine.timing.monotonic();
          if (now - lookedAt < 20) return true;
          lookedAt = now;
          return real.isCurrent();
        },
        onChange: real.onChange,
      };
    },
  },
  'a trimmed log that is read as if it were whole': {
    changes: (real) => ({
      ...real,
      readAfter: (after) => {
        let from = after;
        while (from < real.readPosition() && real.readAfter(from) === undefined) from += 1;
        return real.readAfter(from);
      },
    }),
  },
  'reads that are kept although a change was applied meanwhile': {
    cache: (coherence, options) => naiveCache(coherence, options, { keepsOldReads: true }),
  },
  'reads that are joined although a change was applied meanwhile': {
    cache: (coherence, options) => naiveCache(coherence, options, { joinsOldReads: true }),
  },
  'absence that is kept when something is made': {
    cache: (coherence, options) => naiveCache(coherence, options, { keepsAbsent: true }),
  },
};

describe('the simulation of several processes on one SQLite file', () => {
  test(`no verification received after a commit uses an older state, in ${schedules} schedules`, async () => {
    let [answered, fromCache, returned] = [0, 0, 0];
    for (let seed = 1; seed <= schedules; seed++) {
      const outcome = await runSharedFile(seed);
      assert.deepEqual(outcome.violations, [], `seed ${seed}`);
      answered += outcome.answered;
      fromCache += outcome.fromCache;
      returned += outcome.returned;
    }
    assert.ok(returned > 20 * schedules && answered > 300 * schedules && fromCache > 0.3 * answered);
  });

  for (const [name, variant] of Object.entries(mistakes)) {
    test(`finds what goes wrong with: ${name}`, async () => {
      for (let seed = 1; seed <= 50; seed++) {
        if ((await runSharedFile(seed, variant)).violations.length > 0) return;
      }
      assert.fail('50 schedules found nothing');
    });
  }
});
