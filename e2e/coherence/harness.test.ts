import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { beginChange, beginHistory, judge } from './history.ts';
import { plantIn } from './plant-in.ts';
import { runDriver } from './run-driver.ts';
import { sumOf } from './tally.ts';
import { usualDrive } from './usual-drive.ts';

// That the tests beside this one can fail.

describe('the judge', () => {
  const history = () => {
    const made = beginHistory('allowed');
    beginChange(made, 'revoked', 100)(200);
    return made;
  };
  const cases: readonly (readonly [string, sentAt: number, answeredAt: number, string])[] = [
    ['allowed', 10, 50, 'right'],
    ['revoked', 10, 50, 'wrong otherwise'],
    ['allowed', 10, 150, 'right'],
    ['revoked', 10, 150, 'right'],
    ['allowed', 150, 5_000, 'right'],
    ['allowed', 200, 201, 'right'],
    ['allowed', 201, 202, 'allowed after return'],
    ['revoked', 201, 202, 'right'],
    ['inactive', 201, 202, 'wrong otherwise'],
  ];
  for (const [verdict, sentAt, answeredAt, finding] of cases) {
    test(`${verdict}, sent at ${sentAt}, answered at ${answeredAt}, of a key revoked from 100 to 200: ${finding}`, () => {
      const expected = verdict === 'revoked' && answeredAt < 100 ? 'refused after return' : finding;
      assert.equal(judge(history(), verdict, sentAt, answeredAt), expected);
    });
  }

  test('a refusal after a return that allows is found', () => {
    const made = beginHistory('inactive');
    beginChange(made, 'allowed', 100)(200);
    assert.equal(judge(made, 'inactive', 150, 250), 'right');
    assert.equal(judge(made, 'inactive', 250, 260), 'refused after return');
    assert.equal(judge(made, 'allowed', 50, 60), 'allowed after return');
  });

  test('a call that has not returned leaves both right', () => {
    const made = beginHistory('allowed');
    beginChange(made, 'revoked', 100);
    for (const verdict of ['allowed', 'revoked']) assert.equal(judge(made, verdict, 900, 950), 'right');
  });
});

test('a node before which something answers from what it kept for half a second is found out, in both directions', async (t) => {
  const report = await runDriver(
    {
      ...usualDrive(t),
      database: 'sqlite',
      wholeTable: false,
      changesPerFault: 20,
      mostSecondsPerFault: 20,
      faults: ['none'],
      plant: 'stale answers',
    },
    (line) => t.diagnostic(line),
  );
  const { tally } = report;
  assert.ok(sumOf(tally, (fault) => fault.verifications['allowed after return']) > 0);
  assert.ok(sumOf(tally, (fault) => fault.verifications['refused after return']) > 0);
  assert.ok(tally.violations.every(({ detail }) => detail.includes('node 2')));
});

test('servers on SQLite that look at the change counter only every 20 ms are found out', async (t) => {
  const plant = plantIn(
    'coherence/watch-change-log.ts',
    'queueMicrotask(forgetLook)',
    'setTimeout(forgetLook, 20).unref()',
  );
  const { tally } = await runDriver(
    {
      ...usualDrive(t),
      database: 'sqlite',
      wholeTable: false,
      changesPerFault: 20,
      mostSecondsPerFault: 20,
      faults: ['none'],
      endAtFirst: true,
      settings: plant,
    },
    (line) => t.diagnostic(line),
  );
  assert.ok(tally.violations.length > 0);
});
