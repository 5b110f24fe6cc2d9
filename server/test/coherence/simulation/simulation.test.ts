import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { redundant } from './redundant.ts';
import { openSimulator, type Simulator } from './simulator.ts';
import { variants } from './variants.ts';

/** Seeds from 1 on, in parts that end in time also where much else runs. One alone: SIMULATION_SEED=<seed> npm test -- server/test/coherence/simulation */
const schedules = process.env.KEYWRIGHT_CHAOS === '1' ? 100_000 : 5_000;
const parts = 10;
const only = process.env.SIMULATION_SEED;
/** Within so many schedules each mistake must show. */
const searched = 3_000;
const watched = 150;

const seeds = (count: number, after = 0) =>
  only === undefined ? Array.from({ length: count }, (_, index) => after + index + 1) : [Number(only)];

describe('the simulation of the coherence protocol', () => {
  let simulator: Simulator;
  before(() => {
    simulator = openSimulator();
  });
  after(() => simulator.close());
  for (let part = 0; part < (only === undefined ? parts : 1); part++) {
    const some = seeds(schedules / parts, (part * schedules) / parts);
    const name = some.length === 1 ? `schedule ${some[0]}` : `schedules ${some[0]} to ${some.at(-1)}`;
    test(`no verification received after a changing call returned uses an older state: ${name}`, async (t) => {
      await assertPromise(simulator, some, (said) => t.diagnostic(said));
    });
  }

  test('the same seed is the same schedule', async () => {
    for (const seed of [1, 2, 3]) assert.deepEqual(await simulator.run(seed), await simulator.run(seed));
  });

  for (const name of Object.keys(variants)) {
    test(`finds what goes wrong with: ${name}`, async (t) => {
      for (const seed of seeds(searched)) {
        const { violations } = await simulator.run(seed, name);
        if (violations.length === 0) continue;
        t.diagnostic(`found by seed ${seed}: ${violations[0]}`);
        return;
      }
      assert.fail(`${searched} schedules found nothing`);
    });
  }

  for (const [name, { whyItStays }] of Object.entries(redundant)) {
    test(`another safeguard makes up for: ${name}`, async (t) => {
      t.diagnostic(whyItStays);
      for (const seed of seeds(watched)) {
        assert.deepEqual((await simulator.run(seed, name)).violations, [], `SIMULATION_SEED=${seed}`);
      }
    });
  }
});

const counted = ['answered', 'fromCache', 'refused', 'returned', 'unknown', 'events'] as const;

async function assertPromise(
  simulator: Simulator,
  some: readonly number[],
  say: (text: string) => void,
): Promise<void> {
  const sum = { answered: 0, fromCache: 0, refused: 0, returned: 0, unknown: 0, events: 0 };
  let longestWaitMs = 0;
  const begun = performance.now();
  for (const seed of some) {
    const outcome = await simulator.run(seed);
    assert.deepEqual(outcome.violations, [], `SIMULATION_SEED=${seed}`);
    assert.equal(outcome.hung, 0, `SIMULATION_SEED=${seed}: a call never ended`);
    assert.equal(outcome.lostWhenWell, 0, `SIMULATION_SEED=${seed}: a verifier did not come back`);
    for (const name of counted) sum[name] += outcome[name];
    longestWaitMs = Math.max(longestWaitMs, outcome.longestWaitMs);
  }
  const perSecond = Math.round(some.length / ((performance.now() - begun) / 1_000));
  say(
    `${perSecond} schedules a second; ${JSON.stringify({ ...sum, longestWaitMs: Math.round(longestWaitMs) })}`,
  );
  if (only !== undefined) return;
  // A simulation in which nothing happens would find nothing wrong.
  assert.ok(sum.fromCache > 0.4 * sum.answered, 'verifications are answered from caches');
  assert.ok(sum.refused < 0.25 * sum.answered, 'most are not refused');
  assert.ok(sum.returned > 2 * sum.unknown, 'most calls return');
  assert.ok(sum.returned > 10 * some.length);
  assert.ok(sum.unknown > 0 && sum.refused > 0, 'faults are felt');
  assert.ok(longestWaitMs > 1_000, 'some calls wait for a lease to run out');
}
