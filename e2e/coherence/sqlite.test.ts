import { test } from 'node:test';
import { assertKept } from './assert-kept.ts';
import { runDriver } from './run-driver.ts';
import { usualDrive } from './usual-drive.ts';

// The command line makes a part of the changes, beside the servers.

test('four workers of one server on SQLite: no verification sent after a change has returned is answered from before it, while workers are stopped and killed, and writers stopped in the middle', async (t) => {
  const usual = usualDrive(t);
  const report = await runDriver(
    {
      ...usual,
      database: 'sqlite',
      nodes: 1,
      lanesPerNode: 8,
      settings: { KEYWRIGHT_WORKERS: '4' },
      byCommandEvery: 5,
      faults: ['none', 'worker stopped', 'worker killed', 'a writer stopped in the middle'],
    },
    (line) => t.diagnostic(line),
  );
  assertKept(report, { changes: usual.changesPerFault * 3 });
});

test('four servers on one SQLite file: the same, while they are stopped, killed and started anew', async (t) => {
  const usual = usualDrive(t);
  const report = await runDriver(
    {
      ...usual,
      database: 'sqlite',
      byCommandEvery: 5,
      faults: ['none', 'stopped', 'killed', 'started anew', 'a writer stopped in the middle'],
    },
    (line) => t.diagnostic(line),
  );
  assertKept(report, { changes: usual.changesPerFault * 4 });
});
