import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { createPostgresDatabase } from './harness.ts';
import { newFolder, request } from './serve-process.ts';

it('a second node on PostgreSQL starts with the pepper file of the first, and refuses without it or with another, saying why', async () => {
  const database = await createPostgresDatabase();
  const [first, second, stranger] = [newFolder(database.url), newFolder(database.url), newFolder()];
  const pepperFile = (folder: typeof first) => join(folder.folder, 'peppers.json');
  try {
    const { adminKey } = await first.makeAdmin();
    const one = first.serve({ KEYWRIGHT_WORKERS: '2' });
    const { apiUrl } = await one.ready;

    const refused = async (why: RegExp, settings: Record<string, string> = {}) => {
      const node = second.serve({ KEYWRIGHT_WORKERS: '2', ...settings });
      assert.deepEqual(await node.ended, { code: 1, signal: null }, node.said());
      assert.match(node.said(), why);
      assert.equal(node.said().trim().split('\n').length, 1, node.said());
      assert.ok(!existsSync(pepperFile(second)), 'none is made up');
      assert.equal((await fetch(`${apiUrl}/readyz`)).status, 200, 'the first one goes on');
    };
    await refused(/peppers\.json is missing, and this database was used with one.*Restore it/);
    await stranger.makeAdmin();
    const other = readFileSync(pepperFile(stranger), 'utf8');
    await refused(/another pepper 1 .*every node needs the same/, { KEYWRIGHT_PEPPERS: other });
    const ours = JSON.parse(readFileSync(pepperFile(first), 'utf8'));
    const mixed = JSON.stringify({ ...ours, auditKey: JSON.parse(other).auditKey });
    await refused(/another audit key/, { KEYWRIGHT_PEPPERS: mixed });

    cpSync(pepperFile(first), pepperFile(second));
    const two = second.serve({ KEYWRIGHT_WORKERS: '2' });
    const { apiUrl: secondUrl } = await two.ready;
    // What one of them makes the other one knows, and verifies: they have the same peppers.
    const made = await request(apiUrl, 'POST', '/v1/management-keys', {
      key: adminKey,
      body: { name: 'Made at the first', scopes: ['*'] },
    });
    const listed = await request(secondUrl, 'GET', '/v1/teams', { key: made.body.secret });
    assert.equal(listed.status, 200, JSON.stringify(listed.body));
  } finally {
    for (const folder of [first, second, stranger]) await folder.remove();
    await database.drop();
  }
});
