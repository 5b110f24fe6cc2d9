import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDatabase } from '../../src/database/open.ts';

test('SQLite writes through a log that is flushed at each commit, and holds to its references', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keywright-sqlite-'));
  const database = openDatabase({ path: join(folder, 'keywright.db') }, () => undefined);
  try {
    const settings = await database.write(async (tx) => {
      const ask = async (name: string) => {
        const { rows } = await tx.executeQuery<Record<string, unknown>>({
          ...tx.selectFrom('migration').compile(),
          sql: `pragma ${name}`,
          parameters: [],
        });
        return Object.values(rows[0] ?? {})[0];
      };
      return [await ask('journal_mode'), await ask('synchronous'), await ask('foreign_keys')];
    });
    assert.deepEqual(settings, ['wal', 2, 1]);
  } finally {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
