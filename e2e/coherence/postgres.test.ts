import { test } from 'node:test';
import { assertKept } from './assert-kept.ts';
import { runDriver } from './run-driver.ts';
import { leastChanges, usualDrive } from './usual-drive.ts';

const faults = [
  'none',
  'stopped',
  'killed',
  'started anew',
  'cut off: link down',
  'cut off: questions lost',
  'cut off: answers lost',
  'wake-ups: connections ended',
  'wake-ups: silence',
  'database restarted',
  'two at once',
];

test('four nodes on PostgreSQL: no verification sent after a change has returned is answered from before it, whatever fails', async (t) => {
  const report = await runDriver({ ...usualDrive(t), database: 'postgres', faults }, (line) =>
    t.diagnostic(line),
  );
  assertKept(report, { changes: leastChanges });
});
