import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { newestVersion } from '../../src/database/migrate.ts';
import { newInstallation } from './run-command.ts';

for (const kind of ['sqlite', 'postgres'] as const) {
  test(`keywright migrate [${kind}] says what it did, does nothing the second time, and makes no peppers`, async () => {
    const at = await newInstallation(kind);
    try {
      const first = await at.json(['migrate']);
      assert.equal(first.code, 0);
      assert.deepEqual([first.body.from, first.body.to], [0, newestVersion]);
      assert.equal(first.body.applied.length, newestVersion);
      const second = await at.run(['migrate']);
      assert.equal(second.code, 0);
      assert.match(second.stdout, /at schema version \d+ already\. Nothing was changed/);
      assert.ok(!existsSync(join(String(at.environment.KEYWRIGHT_DATA_DIR), 'peppers.json')));
    } finally {
      await at.close();
    }
  });

  test(`keywright migrate [${kind}]: of two at once both end well, and each migration is applied once`, async () => {
    const at = await newInstallation(kind);
    try {
      const both = await Promise.all([at.json(['migrate']), at.json(['migrate'])]);
      assert.deepEqual(
        both.map(({ code }) => code),
        [0, 0],
      );
      assert.equal(both.flatMap(({ body }) => body.applied).length, newestVersion);
    } finally {
      await at.close();
    }
  });
}
