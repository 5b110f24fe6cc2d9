import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNothingWrong } from './assert-kept.ts';
import type { DriveReport } from './open-drive.ts';
import { runDriver } from './run-driver.ts';
import type { SceneOptions } from './scenes.ts';
import { ofFault, verificationsOf } from './tally.ts';
import { burstSeconds, usualStage } from './usual-drive.ts';

const workers = { nodes: 1, lanesPerNode: 8, settings: { KEYWRIGHT_WORKERS: '4' } };

/** A test that in this scene no answer is wrong, and that at nodes that are there every verification comes to a decision. */
export function itKeepsWorking(
  database: SceneOptions['database'],
  scene: SceneOptions['scene'],
  check: (report: DriveReport) => void = () => undefined,
): void {
  test(`${scene}: every verification is decided, and rightly [${database}]`, async (t) => {
    const place = database === 'sqlite' ? workers : {};
    const report = await runDriver(
      { ...usualStage(t), ...place, database, scene, seconds: burstSeconds },
      (line) => t.diagnostic(line),
    );
    for (const [what, figure] of Object.entries(report.figures)) t.diagnostic(`${what}: ${figure}`);
    assertNothingWrong(report);
    const tally = ofFault(report.tally, scene);
    assert.equal(tally.undecided.others, 0, 'verifications that came to no decision');
    assert.ok(verificationsOf(tally) > 100, `only ${verificationsOf(tally)} verifications`);
    check(report);
  });
}

/** How many a second depends on the machine, and is printed; that there were many does not. */
export function manyChangesReturned({ tally }: DriveReport): void {
  const { changes } = ofFault(tally, 'burst');
  assert.ok(changes >= burstSeconds * 3, `only ${changes} changes`);
}
