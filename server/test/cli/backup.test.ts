import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findSqliteDamage, openSqliteFile } from '../../src/database/open-sqlite-file.ts';
import { type Installation, newInstallation } from './run-command.ts';

describe('keywright backup [sqlite]', () => {
  let at: Installation;
  before(async () => {
    at = await newInstallation('sqlite');
    await at.run(['organizations', 'create', 'Acme']);
  });
  after(() => at.close());
  const fileAt = (name: string) => join(at.folder, name);

  test('beside a server that is being written to, it writes one whole state, for its owner alone', async () => {
    const { body: made } = await at.json(['management-keys', 'create', '--name', 'CI', '--scope', '*']);
    const server = await at.serve();
    let writing = true;
    let written = 0;
    const writer = (async () => {
      for (; writing; written++) {
        const answer = await fetch(`${server.apiUrl}/v1/teams`, {
          method: 'POST',
          headers: { authorization: `Bearer ${made.secret}`, 'content-type': 'application/json' },
          body: JSON.stringify({ name: `Team ${written}` }),
        });
        assert.equal(answer.status, 201);
      }
    })();
    try {
      while (written < 5) await new Promise(setImmediate);
      const target = fileAt('one.backup');
      const { code, body } = await at.json(['backup', target]);
      assert.equal(code, 0);
      assert.deepEqual([body.file, body.bytes, body.peppersFile], [target, statSync(target).size, null]);
      assert.equal(statSync(target).mode & 0o777, 0o600);
      const copy = openSqliteFile(target, { readOnly: true });
      assert.deepEqual(findSqliteDamage(copy, { quick: false }), []);
      const { teams } = await copy.read
        .selectFrom('team')
        .select((eb) => eb.fn.countAll<number>().as('teams'))
        .executeTakeFirstOrThrow();
      const { events } = await copy.read
        .selectFrom('audit_event')
        .select((eb) => eb.fn.countAll<number>().as('events'))
        .where('action', '=', 'team.created')
        .executeTakeFirstOrThrow();
      copy.close();
      assert.ok(teams >= 5);
      assert.equal(teams, events, 'each change is there with its audit event');
      assert.deepEqual(
        readdirSync(at.folder).filter((name) => name.includes('partial')),
        [],
      );
    } finally {
      writing = false;
      await writer;
      await server.stop();
    }
  });

  test('nothing is ever overwritten, neither by the copy nor by the peppers', async () => {
    const taken = fileAt('taken');
    writeFileSync(taken, 'mine');
    const attempts = [
      ['backup', taken],
      ['backup', fileAt('free'), '--with-peppers', taken],
      ['backup', fileAt('same'), '--with-peppers', fileAt('same')],
    ];
    for (const attempt of attempts) {
      const { code, stderr } = await at.run(attempt);
      assert.equal(code, 1, attempt.join(' '));
      assert.match(stderr, /is there already, or named twice/);
    }
    assert.equal(readFileSync(taken, 'utf8'), 'mine');
    assert.ok(!existsSync(fileAt('free')) && !existsSync(fileAt('same')));
  });

  test('the peppers come along only when they are asked for, to a file of their own', async () => {
    const { code, stdout, stderr } = await at.run([
      ...['backup', fileAt('two.backup'), '--with-peppers', fileAt('two.peppers')],
    ]);
    assert.equal(code, 0, stderr);
    const original = readFileSync(join(String(at.environment.KEYWRIGHT_DATA_DIR), 'peppers.json'), 'utf8');
    assert.equal(readFileSync(fileAt('two.peppers'), 'utf8'), original);
    assert.equal(statSync(fileAt('two.peppers')).mode & 0o777, 0o600);
    const { peppers, auditKey } = JSON.parse(original) as {
      peppers: Record<string, string>;
      auditKey: string;
    };
    for (const secret of [...Object.values(peppers), auditKey]) {
      assert.ok(!stdout.includes(secret));
      assert.ok(!readFileSync(fileAt('two.backup')).includes(secret));
    }
  });

  test('a folder that is not there and a database that is not there are said', async () => {
    const nowhere = await at.run(['backup', '/nowhere/at/all']);
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.stderr, /ENOENT.*\/nowhere/);
    const nothing = await at.run(['backup', fileAt('three')], { KEYWRIGHT_DATA_DIR: fileAt('empty') });
    assert.equal(nothing.code, 1);
    assert.match(nothing.stderr, /no database at/);
    assert.ok(!existsSync(fileAt('three')));
  });
});

test('keywright backup [postgres] says how pg_dump does it, and does not show the URL with its password', async () => {
  const at = await newInstallation('postgres');
  try {
    const { code, stdout, stderr } = await at.run(['backup', 'file']);
    assert.deepEqual([code, stdout], [1, '']);
    const url = new URL(String(at.environment.KEYWRIGHT_DATABASE_URL));
    assert.match(stderr, /pg_dump --format=custom --file=".*file"/);
    assert.ok(stderr.includes(`--host=${url.hostname} --port=${url.port}`), stderr);
    assert.ok(stderr.includes(`--dbname=${url.pathname.slice(1)}`), stderr);
    assert.ok(url.password === '' || !stderr.includes(url.password));
  } finally {
    await at.close();
  }
});
