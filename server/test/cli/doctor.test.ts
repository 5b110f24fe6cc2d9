import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { inspectPostgres } from '../../src/database/inspect-postgres.ts';
import { newestVersion } from '../../src/database/migrate.ts';
import { openDatabase } from '../../src/database/open.ts';
import { startTestKeywright } from '../harness.ts';
import { within } from './open-installation.ts';
import { type Installation, newInstallation } from './run-command.ts';

type Finding = { check: string; status: string; what: string; remedy: string | null };

for (const kind of ['sqlite', 'postgres'] as const) {
  describe(`keywright doctor [${kind}]`, () => {
    let at: Installation;
    let server: { stop: () => Promise<void> };
    const undo: (() => unknown)[] = [];

    before(async () => {
      at = await newInstallation(kind);
      at.environment.KEYWRIGHT_PORT = String(await freePort());
      at.environment.KEYWRIGHT_GATEWAY_PORT = String(await freePort());
      await at.run(['organizations', 'create', 'Acme']);
      server = await at.serve();
    });
    after(async () => {
      await server.stop();
      await at.close();
    });
    afterEach(async () => {
      for (const one of undo.splice(0).reverse()) await one();
    });

    const file = (name: string) => join(String(at.environment.KEYWRIGHT_DATA_DIR), name);
    /** What is not in order, as `check: what`. */
    async function examine(environment: Record<string, string> = {}) {
      const { code, body } = await at.json(['doctor'], environment);
      const findings = body.findings as Finding[];
      assert.equal(code, findings.some((finding) => finding.status === 'wrong') ? 1 : 0);
      assert.equal(body.ok, code === 0);
      for (const finding of findings) assert.equal(finding.remedy === null, finding.status === 'ok');
      return findings.filter((finding) => finding.status !== 'ok');
    }
    const assertOnly = (
      findings: Finding[],
      status: string,
      check: string,
      words: RegExp,
      remedy: RegExp,
    ) => {
      const said = JSON.stringify(findings, null, 1);
      assert.deepEqual(
        findings.map((finding) => [finding.status, finding.check]),
        [[status, check]],
        said,
      );
      assert.match(String(findings[0]?.what), words);
      assert.match(String(findings[0]?.remedy), remedy);
    };

    test('of a running Keywright it says that nothing is wrong, and exits 0', async () => {
      const { code, stdout } = await at.run(['doctor']);
      assert.equal(code, 0, stdout);
      for (const check of ['database', 'peppers', 'clock', 'api', 'gateway']) {
        assert.match(stdout, new RegExp(`^ok +${check} `, 'm'));
      }
    });

    test('a listener that does not answer, and something else in its place', async () => {
      const port = String(await freePort());
      assertOnly(
        await examine({ KEYWRIGHT_PORT: port }),
        ...(['wrong', 'api', /Nothing answers at .*ECONNREFUSED/, /keywright serve/] as const),
      );
      const other = createServer((_request, response) => response.end('hello'));
      await new Promise<void>((listening) => other.listen(Number(port), '127.0.0.1', listening));
      undo.push(() => new Promise((closed) => other.close(closed)));
      assertOnly(
        await examine({ KEYWRIGHT_GATEWAY_PORT: port }),
        ...(['wrong', 'gateway', /Something else/, /another port/] as const),
      );
    });

    test('a gateway listener on every address is wrong', async () => {
      const findings = await examine({ KEYWRIGHT_GATEWAY_HOST: '0.0.0.0' });
      assertOnly(findings, 'wrong', 'gateway', /every address/, /127\.0\.0\.1/);
    });

    test('settings that are wrong are said, all of them', async () => {
      const findings = await examine({ KEYWRIGHT_PORT: 'high', KEYWRIGHT_LOG_LEVEL: 'loud' });
      assert.deepEqual(
        findings.map((finding) => finding.check),
        ['settings', 'settings'],
      );
    });

    test('a pepper file that others can read', async () => {
      chmodSync(file('peppers.json'), 0o640);
      undo.push(() => chmodSync(file('peppers.json'), 0o600));
      assertOnly(await examine(), 'wrong', 'peppers', /mode 640/, /chmod 600/);
    });

    test('a pepper file that is missing, and none is made', async () => {
      renameSync(file('peppers.json'), file('elsewhere'));
      undo.push(() => renameSync(file('elsewhere'), file('peppers.json')));
      assertOnly(await examine(), 'wrong', 'peppers', /is missing/, /backup/);
      assert.ok(!existsSync(file('peppers.json')));
    });

    test('a pepper file that is broken, and nothing of it is shown', async () => {
      const whole = readFileSync(file('peppers.json'), 'utf8');
      undo.push(() => writeFileSync(file('peppers.json'), whole));
      writeFileSync(file('peppers.json'), whole.slice(0, -10));
      const findings = await examine();
      assertOnly(findings, 'wrong', 'peppers', /not a pepper file: it is not JSON/, /Every node/);
      assert.ok(!JSON.stringify(findings).includes(whole.slice(20, 40)));
    });

    test("another installation's peppers and audit key", async () => {
      const whole = readFileSync(file('peppers.json'), 'utf8');
      undo.push(() => writeFileSync(file('peppers.json'), whole));
      const other = Buffer.alloc(32, 1).toString('base64');
      writeFileSync(file('peppers.json'), JSON.stringify({ peppers: { 1: other }, auditKey: other }));
      const findings = await examine();
      assert.deepEqual(
        findings.map((finding) => finding.what),
        [
          'Pepper 1 is not the one that this database was used with.',
          'The audit key is not the one that this database was used with.',
        ],
      );
    });

    test('a pepper that waits to be activated is a hint, and a pepper in use that is missing is wrong', async () => {
      const whole = readFileSync(file('peppers.json'), 'utf8');
      await at.run(['pepper', 'rotate']);
      const rotated = readFileSync(file('peppers.json'), 'utf8');
      assertOnly(await examine(), 'hint', 'peppers', /Pepper 2 waits/, /rotate --activate/);
      writeFileSync(file('peppers.json'), whole);
      assertOnly(await examine(), 'hint', 'peppers', /Pepper 2 was added elsewhere/, /Bring/);
      writeFileSync(file('peppers.json'), rotated);
      assert.equal((await at.run(['pepper', 'rotate', '--activate'])).code, 0);
      writeFileSync(file('peppers.json'), whole);
      undo.push(() => writeFileSync(file('peppers.json'), rotated));
      assertOnly(await examine(), 'wrong', 'peppers', /Pepper 2 is missing/, /does not start/);
    });

    test('an audit event from the future says that a clock is or was wrong', async () => {
      const setAt = (change: number) =>
        within(at, ({ database }) =>
          database.write((tx) =>
            tx
              .updateTable('audit_event')
              .set((eb) => ({ at: eb('at', '+', change) }))
              .where('chain', '=', 'installation')
              .where('seq', '=', 1)
              .execute(),
          ),
        );
      await setAt(3_600_000);
      undo.push(() => setAt(-3_600_000));
      assertOnly(await examine(), 'wrong', 'clock', /in the future/, /NTP/);
    });

    test('a schema of another version', async () => {
      const setVersion = async (from: number, to: number) => {
        const url = at.environment.KEYWRIGHT_DATABASE_URL;
        const database = openDatabase(
          url === undefined ? { path: file('keywright.db') } : { url },
          () => undefined,
        );
        await database.write((tx) =>
          tx.updateTable('migration').set({ version: to }).where('version', '=', from).execute(),
        );
        await database.close();
      };
      await setVersion(newestVersion, 99);
      undo.push(() => setVersion(99, newestVersion));
      assertOnly(await examine(), 'wrong', 'database', /version 99/, /newer program/);
    });

    if (kind === 'sqlite') {
      test('a folder that others can enter or write into', async () => {
        undo.push(() => chmodSync(file('.'), 0o700));
        chmodSync(file('.'), 0o755);
        assertOnly(await examine(), 'wrong', 'database', /Others on this machine can read/, /chmod 700/);
        chmodSync(file('.'), 0o770);
        assertOnly(await examine(), 'wrong', 'database', /Others can write/, /chmod 700/);
      });

      test('a database that is not there, and none is made', async () => {
        const folder = join(at.folder, 'empty');
        const findings = await examine({
          KEYWRIGHT_DATA_DIR: folder,
          KEYWRIGHT_PEPPER_FILE: file('peppers.json'),
        });
        assertOnly(findings, 'wrong', 'database', /no database at/, /KEYWRIGHT_DATA_DIR/);
        assert.ok(!existsSync(folder));
      });

      test('a database that is none, and one that is damaged', async () => {
        const environment = {
          KEYWRIGHT_DATA_DIR: join(at.folder, 'damaged'),
          KEYWRIGHT_PEPPER_FILE: file('peppers.json'),
        };
        assert.equal((await at.run(['migrate'], environment)).code, 0);
        const path = join(environment.KEYWRIGHT_DATA_DIR, 'keywright.db');
        const bytes = readFileSync(path);
        bytes.fill(0xff, 4_096 * 2, 4_096 * 4);
        writeFileSync(path, bytes);
        const damaged = await examine(environment);
        assert.ok(
          damaged.some((finding) => finding.status === 'wrong' && /damaged|corrupt/.test(finding.what)),
          JSON.stringify(damaged),
        );
        writeFileSync(path, 'x'.repeat(8_192));
        assertOnly(await examine(environment), 'wrong', 'database', /not_a_database/, /restore/);
      });

      test('it changes nothing: the same files stand there as before', async () => {
        const names = readdirSync(file('.')).sort();
        await examine();
        assert.deepEqual(readdirSync(file('.')).sort(), names);
      });
    } else {
      test('a server that refuses, and a database that is not there; the password is not shown', async () => {
        const url = new URL(String(at.environment.KEYWRIGHT_DATABASE_URL));
        url.pathname = '/not_there';
        const missing = await examine({ KEYWRIGHT_DATABASE_URL: url.href });
        assertOnly(missing, 'wrong', 'database', /cannot be used \(3D000\)/, /KEYWRIGHT_DATABASE_URL/);
        url.password = 'hunter2';
        url.port = String(await freePort());
        const refused = await examine({ KEYWRIGHT_DATABASE_URL: url.href });
        assertOnly(refused, 'wrong', 'database', /cannot be used \(ECONNREFUSED\)/, /KEYWRIGHT_DATABASE_URL/);
        const { password } = new URL(String(at.environment.KEYWRIGHT_DATABASE_URL));
        for (const secret of ['hunter2', password].filter((text) => text !== '')) {
          assert.ok(!JSON.stringify([missing, refused]).includes(secret));
        }
      });
    }
  });
}

test('inspecting PostgreSQL finds a transaction of somebody else that has been open for long', async () => {
  const kw = await startTestKeywright('postgres');
  try {
    const { database } = kw.services;
    const pids: number[] = [];
    await database.write(async (tx) => {
      await tx.selectFrom('organization').select('id').execute();
      const { longTransactions, serverVersion, isReplica } = await inspectPostgres(database.read, 0);
      pids.push(...longTransactions.map(({ pid }) => pid));
      assert.ok(serverVersion >= 150_000);
      assert.equal(isReplica, false);
    });
    assert.equal(pids.length, 1);
    assert.deepEqual((await inspectPostgres(database.read, 3_600)).longTransactions, []);
  } finally {
    await kw.close();
  }
});

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
