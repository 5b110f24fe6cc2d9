import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createDeadline } from '../../src/coherence/deadline.ts';
import { createSilence } from '../../src/coherence/silence.ts';
import { watchEpoch } from '../../src/coherence/watch-epoch.ts';
import { type LeaseRow, leaseMarginMs, type Told } from '../../src/database/coordination.ts';

function testClocks() {
  const time = { monotonic: 1_000, wall: 1_700_000_000_000 };
  return { time, timing: { monotonic: () => time.monotonic, wall: () => time.wall } };
}

describe('a deadline', () => {
  const after = (monotonic: number, wall: number) => {
    const { time, timing } = testClocks();
    const deadline = createDeadline(timing, 1_000);
    deadline.move(deadline.now());
    time.monotonic += monotonic;
    time.wall += wall;
    return deadline;
  };

  test('is ahead only while both clocks say so', () => {
    assert.equal(after(999, 999).isAhead(), true);
    assert.equal(after(1_000, 999).isAhead(), false);
    assert.equal(after(999, 1_000).isAhead(), false);
    assert.equal(after(0, 60_000).isAhead(), false, 'the machine slept, or its clock was set forward');
    assert.equal(after(1_000, -60_000).isAhead(), false, 'the clock was set back');
    assert.equal(after(400, 700).remainingMs(), 300);
    assert.equal(after(5_000, 0).remainingMs(), 0);
  });

  test('counts from the moment that it is given, not from now; is not ahead before the first, nor once it is passed', () => {
    const { time, timing } = testClocks();
    const deadline = createDeadline(timing, 1_000);
    assert.equal(deadline.isAhead(), false);
    const sent = deadline.now();
    time.monotonic += 900;
    time.wall += 900;
    deadline.move(sent);
    assert.equal(deadline.remainingMs(), 100);
    deadline.pass();
    assert.equal(deadline.isAhead(), false);
    assert.equal(deadline.remainingMs(), 0);
  });
});

describe('silence', () => {
  const row = (renewals: number, leaseMs = 1_000): LeaseRow => ({
    verifierId: 'vrf_a',
    renewals,
    appliedSeq: 0,
    leaseMs,
    graceMs: 0,
    staleUntil: null,
  });

  test('is over when the row was unchanged for its lease and the margin, counted from the first answer that showed it so', () => {
    const { time, timing } = testClocks();
    const silence = createSilence(timing);
    time.monotonic += 5_000;
    assert.equal(silence.isOver(row(7)), false, 'seen for the first time');
    time.monotonic += 1_049;
    assert.equal(silence.isOver(row(7)), false);
    time.monotonic += 1;
    assert.equal(silence.isOver(row(7)), true);
    assert.equal(silence.isOver(row(8)), false, 'it has renewed');
    time.monotonic += 1_049;
    assert.equal(silence.isOver(row(8)), false);
  });

  test('counts for each verifier by itself, and by its own lease', () => {
    const { time, timing } = testClocks();
    const silence = createSilence(timing);
    const other = { ...row(1, 4_000), verifierId: 'vrf_b' };
    for (const one of [row(1), other]) silence.isOver(one);
    time.monotonic += 2_000;
    assert.equal(silence.isOver(row(1)), true);
    assert.equal(silence.isOver(other), false);
  });
});

describe('the watch of the epoch', () => {
  const told = (given: Partial<Told> = {}): Told => ({
    epoch: 'first',
    seq: 1,
    databaseTime: 0,
    isSettled: false,
    longestLeaseMs: 2_000,
    ...given,
  });

  test('waits a longest lease and the margin from when the epoch was first seen, then says so once', () => {
    const { time, timing } = testClocks();
    const settled: string[] = [];
    const watch = watchEpoch({ settle: async (epoch) => void settled.push(epoch) }, timing, 1_000);
    assert.equal(watch.remainingMs(told()), 2_100);
    time.monotonic += 2_000;
    assert.equal(watch.remainingMs(told()), 100);
    assert.deepEqual(settled, []);
    time.monotonic += 100;
    assert.equal(watch.remainingMs(told()), 0);
    assert.equal(watch.remainingMs(told()), 0);
    assert.deepEqual(settled, ['first']);
  });

  test('goes by its own lease where the database knows of shorter ones only', () => {
    const { timing } = testClocks();
    const watch = watchEpoch({ settle: async () => undefined }, timing, 10_000);
    assert.equal(watch.remainingMs(told({ longestLeaseMs: 0 })), 10_000 + leaseMarginMs(10_000));
  });

  test('does not wait where somebody has; begins anew with another epoch', () => {
    const { time, timing } = testClocks();
    const watch = watchEpoch({ settle: async () => undefined }, timing, 1_000);
    assert.equal(watch.remainingMs(told({ isSettled: true })), 0);
    time.monotonic += 50_000;
    assert.equal(watch.remainingMs(told({ epoch: 'second' })), 2_100);
    time.monotonic += 1_000;
    assert.equal(watch.remainingMs(told({ epoch: 'third' })), 2_100);
  });

  test('a note that could not be written is no failure, and is tried again', async () => {
    const { time, timing } = testClocks();
    let tried = 0;
    const settle = () => {
      tried += 1;
      return tried === 1 ? Promise.reject(new Error('gone')) : Promise.resolve();
    };
    const watch = watchEpoch({ settle }, timing, 1_000);
    watch.remainingMs(told());
    time.monotonic += 5_000;
    for (let index = 0; index < 3; index++) {
      assert.equal(watch.remainingMs(told()), 0);
      await new Promise(setImmediate);
    }
    assert.equal(tried, 2);
  });
});
