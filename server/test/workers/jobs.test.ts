import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { startKeywright } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/lib/create-log.ts';

// Jobs are asked for by timers, and nothing else here asks for one of 5 s.
for (const [number, runs] of [
  [1, true],
  [2, false],
] as const) {
  it(`what is done by the clock is ${runs ? 'done' : 'left to worker 1'} by worker ${number}`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'keywright-jobs-'));
    const intervals: unknown[] = [];
    const setInterval = globalThis.setInterval;
    t.mock.method(globalThis, 'setInterval', (...args: Parameters<typeof setInterval>) => {
      intervals.push(args[1]);
      return setInterval(...args);
    });
    const environment = {
      KEYWRIGHT_DATA_DIR: folder,
      KEYWRIGHT_PORT: '0',
      KEYWRIGHT_GATEWAY_PORT: '0',
    };
    const running = await startKeywright(
      readConfig(environment, () => undefined),
      {
        log: createLog('error'),
        place: { number, count: 2, serving: () => 2 },
      },
    );
    try {
      assert.deepEqual([intervals.includes(5_000), intervals.includes(3_600_000)], [runs, runs]);
    } finally {
      await running.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
