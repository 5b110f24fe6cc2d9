import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openDatabase } from '../../src/database/open.ts';
import { type EndedInstallation, keyNames, openEndedInstallation } from './ended-installation.ts';
import { within } from './open-installation.ts';
import { newInstallation } from './run-command.ts';

describe('keywright restore [sqlite]', () => {
  let it: EndedInstallation;
  before(async () => {
    it = await openEndedInstallation();
  });
  after(() => it.at.close());

  test('keys that were ended since and would live again are named by id, and nothing is changed', async () => {
    it.reset();
    const before = await it.readEpoch();
    const { code, stdout } = await it.at.run(['restore', it.backup]);
    assert.equal(code, 1);
    assert.match(stdout, /^Nothing was changed/);
    const lines: [string, string][] = [
      ['Revoked', 'revoked'],
      ['Deleted', 'deleted'],
      ['Disabled', 'inactive'],
      ['Expired', 'expired'],
    ];
    for (const [name, since] of lines)
      assert.match(stdout, new RegExp(`${it.idOf(name)}  was ${since}  ${name}`));
    assert.match(stdout, /sec_\w{26} {2}was secret ended {2}Rotated/);
    assert.match(stdout, new RegExp(`${it.revoked.managementKey.id}  was revoked  Ended`));
    assert.ok(!stdout.includes(it.idOf('Kept')));
    assert.match(stdout, /--revoke-them/);
    assert.equal(await it.readEpoch(), before);
    assert.deepEqual(it.keptFiles(), []);
    assert.deepEqual((await it.whoPasses()).sort(), ['Kept', 'Renamed']);
  });

  test('--revoke-them ends them again; the rest is as in the backup, and the audit chains are whole', async () => {
    it.reset();
    const { body: heads } = await it.at.json(['audit', 'head', '--installation']);
    const before = await it.readEpoch();
    const { code, body } = await it.at.json(['restore', it.backup, '--revoke-them']);
    assert.equal(code, 0);
    assert.deepEqual([body.restored, body.endedAgain, body.lost, body.changedOtherwise], [true, true, 1, 1]);
    assert.equal(body.wouldLiveAgain.length, 6);
    assert.notEqual(body.epoch, before);
    assert.equal(await it.readEpoch(), body.epoch);
    assert.equal(statSync(it.dataFile('keywright.db')).mode & 0o777, 0o600);
    assert.deepEqual((await it.whoPasses()).sort(), ['Kept', 'Renamed']);
    assert.equal((await it.at.run(['audit', 'verify'])).code, 0);
    await within(it.at, async ({ database }) => {
      const events = await database.read
        .selectFrom('audit_event')
        .select(['chain', 'action', 'target_id', 'before'])
        .orderBy('chain')
        .orderBy('seq')
        .execute();
      const restored = events.find((event) => event.action === 'installation.restored');
      assert.equal(restored?.chain, 'installation');
      const [{ seq, hash }] = heads.data;
      assert.equal(JSON.parse(String(restored?.before)).head, `${seq}:${hash}`);
      const about = (name: string) =>
        events.filter((event) => event.target_id === it.idOf(name)).map((event) => event.action);
      assert.deepEqual(about('Revoked'), ['api_key.created', 'api_key.revoked']);
      assert.deepEqual(about('Deleted'), ['api_key.created', 'api_key.deleted']);
      assert.deepEqual(about('Disabled'), ['api_key.created', 'api_key.disabled']);
      assert.deepEqual(about('Rotated'), ['api_key.created', 'api_key.secret_ended']);
      const mk = events.filter((event) => event.target_id === it.revoked.managementKey.id);
      assert.deepEqual(
        mk.map((event) => event.action),
        ['management_key.created', 'management_key.revoked'],
      );
    });
  });

  test('--let-them-live says which live again, and they do; the replaced database is kept and can be put back', async () => {
    it.reset();
    const { code, stdout } = await it.at.run(['restore', it.backup, '--let-them-live']);
    assert.equal(code, 0);
    assert.match(stdout, /These LIVE AGAIN/);
    assert.match(stdout, /1 API key that was made since is unknown now/);
    assert.deepEqual((await it.whoPasses()).sort(), [...keyNames, 'management key'].sort());
    const [kept] = it.keptFiles();
    assert.ok(kept !== undefined);
    assert.match(stdout, new RegExp(`is kept: .*${kept}`));
    const again = await it.at.run(['restore', it.dataFile(kept)]);
    assert.equal(again.code, 0, again.stdout + again.stderr);
    assert.deepEqual((await it.whoPasses()).sort(), ['Kept', 'Renamed']);
  });

  test('while a server has the database open, idle too, restore is refused', async () => {
    it.reset();
    const server = await it.at.serve();
    try {
      const { code, stderr } = await it.at.run(['restore', it.backup, '--revoke-them']);
      assert.equal(code, 1);
      assert.match(stderr, /is in use\. Stop Keywright/);
      assert.equal((await fetch(`${server.apiUrl}/readyz`)).status, 200);
    } finally {
      await server.stop();
    }
    assert.deepEqual(it.keptFiles(), []);
  });

  describe('a file that is no good is refused, and the database stays', () => {
    const cases: { name: string; make: (path: string) => void; words: RegExp }[] = [
      { name: 'is not there', make: () => undefined, words: /There is no file/ },
      { name: 'is empty', make: (path) => writeFileSync(path, ''), words: /not a database of Keywright's/ },
      {
        name: 'is something else',
        make: (path) => writeFileSync(path, 'x'.repeat(8_192)),
        words: /not a whole SQLite database \(not_a_database\)/,
      },
      {
        name: 'is damaged',
        make: (path) => {
          const bytes = readFileSync(it.backup);
          bytes.fill(0xff, 4_096 * 3, 4_096 * 6);
          writeFileSync(path, bytes);
        },
        words: /not a whole SQLite database/,
      },
      {
        name: 'is cut off',
        make: (path) => writeFileSync(path, readFileSync(it.backup).subarray(0, -8_192)),
        words: /not a whole SQLite database/,
      },
      {
        name: 'has its log beside it',
        make: (path) => {
          copyFileSync(it.backup, path);
          writeFileSync(`${path}-wal`, 'log');
        },
        words: /a log beside it/,
      },
    ];
    for (const { name, make, words } of cases) {
      test(name, async () => {
        it.reset();
        const path = join(it.at.folder, `bad ${name}`);
        make(path);
        const before = await it.readEpoch();
        const { code, stderr } = await it.at.run(['restore', path, '--let-them-live']);
        assert.equal(code, 1);
        assert.match(stderr, words);
        assert.equal(await it.readEpoch(), before);
        assert.deepEqual(it.keptFiles(), []);
        assert.ok(!readdirSync(it.dataFile('.')).some((file) => file.includes('restoring')));
      });
    }

    test('is the database itself', async () => {
      it.reset();
      const { code, stderr } = await it.at.run(['restore', it.dataFile('keywright.db')]);
      assert.deepEqual([code, /is the database itself/.test(stderr)], [1, true]);
    });

    test('is of a newer Keywright', async () => {
      it.reset();
      const path = join(it.at.folder, 'newer');
      copyFileSync(it.backup, path);
      const database = openDatabase({ path }, () => undefined);
      await database.write((tx) =>
        tx.insertInto('migration').values({ version: 9_999, name: 'later', applied_at: 0 }).execute(),
      );
      await database.close();
      const { code, stderr } = await it.at.run(['restore', path]);
      assert.equal(code, 1);
      assert.match(stderr, /schema version 9999/);
    });

    test("is another installation's, by its peppers", async () => {
      it.reset();
      const other = await newInstallation('sqlite');
      try {
        await other.run(['organizations', 'create', 'Other']);
        const path = join(other.folder, 'backup');
        await other.run(['backup', path]);
        const { code, stderr } = await it.at.run(['restore', path]);
        assert.equal(code, 1);
        assert.match(stderr, /another pepper 1/);
      } finally {
        await other.close();
      }
    });
  });

  test('on a new machine the backup and the pepper file are enough, and without the pepper file it is refused', async () => {
    const folder = join(it.at.folder, 'new machine');
    const environment = { KEYWRIGHT_DATA_DIR: folder };
    const refused = await it.at.run(['restore', it.backup], environment);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /peppers\.json is missing/);
    assert.ok(!existsSync(join(folder, 'keywright.db')));
    const peppers = { ...environment, KEYWRIGHT_PEPPER_FILE: it.dataFile('peppers.json') };
    const { code, stdout } = await it.at.run(['restore', it.backup], peppers);
    assert.equal(code, 0);
    assert.match(stdout, /There was no database to compare it with/);
    assert.match((await it.at.run(['management-keys', 'list'], peppers)).stdout, /Verifier/);
  });

  test('a database that cannot be read is replaced only when that is asked for, since nobody can say who lives again', async () => {
    it.reset();
    writeFileSync(it.dataFile('keywright.db'), 'garbage'.repeat(2_000));
    const refused = await it.at.run(['restore', it.backup, '--revoke-them']);
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /cannot be read, so nobody knows/);
    assert.match(readFileSync(it.dataFile('keywright.db'), 'utf8'), /^garbage/);
    assert.equal((await it.at.run(['restore', it.backup, '--let-them-live'])).code, 0);
    assert.deepEqual((await it.whoPasses()).sort(), [...keyNames, 'management key'].sort());
    assert.equal(it.keptFiles().length, 1);
  });

  test('kill -9 in the middle leaves the one database or the other, whole, and nothing of the attempt after the next', async () => {
    it.reset();
    for (const milliseconds of [250, 350, 450, 550, 650]) {
      await it.at.runAndKill(['restore', it.backup, '--revoke-them'], milliseconds);
      const verdict = await it.at.run(['audit', 'verify']);
      assert.equal(verdict.code, 0, verdict.stdout + verdict.stderr);
      assert.deepEqual((await it.whoPasses()).sort(), ['Kept', 'Renamed']);
    }
    assert.equal((await it.at.run(['restore', it.backup, '--revoke-them'])).code, 0);
    assert.ok(!readdirSync(it.dataFile('.')).some((file) => file.includes('restoring')));
  });

  test('a log that lies there without its database is not taken for the restored one', async () => {
    it.reset();
    renameSync(it.dataFile('keywright.db'), it.dataFile('keywright.db-wal'));
    const { code, stderr } = await it.at.run(['restore', it.backup]);
    assert.equal(code, 1);
    assert.match(stderr, /keywright\.db-wal without its database/);
  });

  test('a wrong question is refused', async () => {
    const wrong: [string[], RegExp][] = [
      [[], /Name the backup/],
      [[it.backup, '--epoch-only'], /leave the file out/],
      [[it.backup, '--revoke-them', '--let-them-live'], /Say one of/],
    ];
    for (const [args, words] of wrong) {
      const { code, stderr } = await it.at.run(['restore', ...args]);
      assert.equal(code, 1);
      assert.match(stderr, words);
    }
  });
});

for (const kind of ['sqlite', 'postgres'] as const) {
  test(`keywright restore --epoch-only [${kind}] renews the epoch and records it, and each start keeps it`, async () => {
    const at = await newInstallation(kind);
    const readEpoch = () =>
      within(at, async ({ database }) => {
        const row = await database.read
          .selectFrom('installation')
          .select('value')
          .where('name', '=', 'epoch')
          .executeTakeFirstOrThrow();
        return row.value;
      });
    try {
      const first = await readEpoch();
      assert.match(first, /^[0-9a-f]{32}$/);
      assert.equal(await readEpoch(), first);
      const { code, body } = await at.json(['restore', '--epoch-only']);
      assert.equal(code, 0);
      assert.notEqual(body.epoch, first);
      assert.equal(await readEpoch(), body.epoch);
      const verdict = await at.run(['audit', 'verify']);
      assert.deepEqual([verdict.code, verdict.stdout], [0, 'installation: whole, 1 event\n']);
      if (kind === 'postgres') {
        const { code: refused, stderr } = await at.run(['restore', 'some.dump']);
        assert.equal(refused, 1);
        assert.match(stderr, /pg_restore.*--epoch-only/);
      }
    } finally {
      await at.close();
    }
  });
}
