import assert from 'node:assert/strict';
import { everyVerdictChange } from '../../server/test/verdict-changes/verdict-changes.ts';
import type { DriveReport } from './open-drive.ts';
import { sumOf, verificationsOf } from './tally.ts';

/** No answer was wrong, and none is unexplained. */
export function assertNothingWrong({ tally }: DriveReport): void {
  assert.deepEqual(tally.violations, []);
  for (const finding of ['allowed after return', 'refused after return', 'wrong otherwise'] as const) {
    assert.equal(
      sumOf(tally, (fault) => fault.verifications[finding]),
      0,
      finding,
    );
  }
  assert.deepEqual(tally.unexpected, []);
}

/** The promise was kept, and enough was tried for that to mean something. */
export function assertKept(report: DriveReport, least: { changes: number }): void {
  assertNothingWrong(report);
  const { tally } = report;
  const missed = everyVerdictChange.filter(({ what }) => !tally.made[what]);
  assert.deepEqual(missed, [], 'changes of the table that were not made');
  const changes = sumOf(tally, (fault) => fault.changes);
  assert.ok(changes >= least.changes, `${changes} changes were made, fewer than ${least.changes}`);
  assert.ok(sumOf(tally, verificationsOf) >= 20 * changes, 'few verifications');
  assert.ok(tally.warm >= changes / 2, `only before ${tally.warm} changes every node had been asked`);
  for (const [name, fault] of Object.entries(tally.faults)) {
    assert.ok(fault.changes > 0, `no change was made while: ${name}`);
  }
}
