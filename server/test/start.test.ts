import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openServices } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { openDatabase } from '../src/database/open.ts';
import { WrongKeysError } from '../src/domain/peppers/load-installation-keys.ts';
import { createLog } from '../src/lib/create-log.ts';
import { makePepperFile, parsePepperFile, writePepperFile } from '../src/lib/pepper-file.ts';
import { systemRandom } from '../src/lib/random.ts';
import { createPostgresDatabase, type DatabaseKind } from './harness.ts';
import { newFolder } from './serve-process.ts';

type Folder = ReturnType<typeof newFolder>;

async function withFolder(kind: DatabaseKind, act: (folder: Folder) => Promise<void>): Promise<void> {
  const database = kind === 'postgres' ? await createPostgresDatabase() : undefined;
  const folder = newFolder(database?.url);
  try {
    await act(folder);
  } finally {
    await folder.remove();
    await database?.drop();
  }
}

/** It does not start: exit code 1, and standard error says why and what to do, with nothing of the peppers. */
async function assertRefuses(folder: Folder, settings: Record<string, string>, why: RegExp): Promise<void> {
  const served = folder.serve(settings);
  assert.deepEqual(await served.ended, { code: 1, signal: null }, served.said());
  assert.match(served.said(), why);
  const lines = served.said().trim().split('\n');
  assert.equal(lines.length, 1, 'one line, and no stack');
  assert.ok(!served.said().includes(readFileSync(join(folder.folder, 'peppers.json'), 'utf8').slice(20, 40)));
}

const configOf = (folder: Folder) => readConfig(folder.environment, () => undefined);

const migrations = (folder: Folder) =>
  folder.withServices(({ database }) => database.read.selectFrom('migration').selectAll().execute());

describe('serve', { concurrency: 2 }, () => {
  for (const kind of ['sqlite', 'postgres'] as const) {
    it(`comes up twice at once on one empty database, which is made once [${kind}]`, () =>
      withFolder(kind, async (folder) => {
        const nodes = Array.from({ length: 3 }, () => folder.serve());
        const urls = await Promise.all(nodes.map((node) => node.ready));
        for (const { apiUrl } of urls) assert.equal((await fetch(`${apiUrl}/readyz`)).status, 200);
        const applied = nodes.flatMap((node) =>
          [...node.said().matchAll(/"migrations":"([^"]*)"/g)].flatMap(([, names = '']) => names.split(', ')),
        );
        const recorded = await migrations(folder);
        assert.deepEqual(applied.sort(), recorded.map(({ name }) => name).sort(), 'each step by one of them');
        const { adminKey } = await folder.makeAdmin();
        for (const { apiUrl } of urls) {
          const answer = await fetch(`${apiUrl}/v1/teams`, {
            headers: { authorization: `Bearer ${adminKey}` },
          });
          assert.equal(answer.status, 200, 'every node has the same peppers');
        }
        for (const node of nodes) node.kill('SIGTERM');
        for (const node of nodes) assert.equal((await node.ended).code, 0, node.said());
      }));

    it(`refuses a database that a newer program wrote, and touches nothing [${kind}]`, () =>
      withFolder(kind, async (folder) => {
        const before = await migrations(folder);
        const later = { version: 999, name: '0999-later', applied_at: 1 };
        await folder.withServices(({ database }) =>
          database.write((tx) => tx.insertInto('migration').values(later).execute()),
        );
        await assertRefuses(
          folder,
          {},
          /schema version 999, and this program knows .* Start the newer program that wrote it, or restore a backup/,
        );
        const database = openDatabase(configOf(folder).database, () => undefined);
        await database.write((tx) =>
          tx.deleteFrom('migration').where('version', '=', later.version).execute(),
        );
        await database.close();
        assert.deepEqual(await migrations(folder), before);
      }));

    it(`makes the pepper file for its owner alone, once, also where two begin together [${kind}]`, () =>
      withFolder(kind, async (folder) => {
        await Promise.all([migrations(folder), migrations(folder)]);
        const path = join(folder.folder, 'peppers.json');
        assert.equal(statSync(path).mode & 0o777, 0o600);
        const text = readFileSync(path, 'utf8');
        await migrations(folder);
        assert.equal(readFileSync(path, 'utf8'), text);
      }));

    it(`names what of another installation is in the pepper file: pepper, audit key, or not all of ours [${kind}]`, () =>
      withFolder(kind, async (folder) => {
        await migrations(folder);
        const ours = parsePepperFile(readFileSync(join(folder.folder, 'peppers.json'), 'utf8'), 'ours');
        const others = makePepperFile(systemRandom);
        for (const [name, file, said] of [
          ['pepper', { ...ours, peppers: others.peppers }, /has another pepper 1/],
          ['audit-key', { ...ours, auditKey: others.auditKey }, /has another audit key/],
          ['lacking', { ...ours, peppers: new Map([[2, systemRandom(32)]]) }, /lacks pepper 1/],
        ] as const) {
          const pepperFile = join(folder.folder, `${name}.json`);
          writePepperFile(pepperFile, file, { replace: false });
          const opening = openServices({ ...configOf(folder), pepperFile }, { log: createLog('error') });
          await assert.rejects(opening, (error: unknown) => {
            assert.ok(error instanceof WrongKeysError, name);
            assert.match(error.message, said);
            return true;
          });
        }
      }));

    it(`refuses another installation's pepper file, and a missing one [${kind}]`, () =>
      withFolder(kind, async (folder) => {
        const before = await migrations(folder);
        const other = newFolder();
        await migrations(other);
        const pepperFile = join(other.folder, 'peppers.json');
        await assertRefuses(
          folder,
          { KEYWRIGHT_PEPPER_FILE: pepperFile },
          /another pepper 1 .* Start with the pepper file of this installation/,
        );
        const missing = join(other.folder, 'nothing.json');
        await assertRefuses(
          folder,
          { KEYWRIGHT_PEPPER_FILE: missing },
          /nothing\.json is missing.*Restore it from your backup/,
        );
        assert.ok(!existsSync(missing), 'none is made up');
        copyFileSync(join(folder.folder, 'peppers.json'), missing);
        chmodSync(missing, 0o600);
        const served = folder.serve({ KEYWRIGHT_PEPPER_FILE: missing });
        await served.ready;
        assert.deepEqual(await migrations(folder), before);
        await other.remove();
      }));
  }

  it('says which port is taken, by which setting to take another one, and nothing else', () =>
    withFolder('sqlite', async (folder) => {
      await migrations(folder);
      const taken = createServer();
      const port = await new Promise<number>((found) =>
        taken.listen(0, '127.0.0.1', () => found((taken.address() as { port: number }).port)),
      );
      await assertRefuses(
        folder,
        { KEYWRIGHT_PORT: String(port) },
        new RegExp(`Port ${port} on 127.0.0.1 is taken: .* set KEYWRIGHT_PORT to a port that is free`),
      );
      await assertRefuses(
        folder,
        { KEYWRIGHT_GATEWAY_PORT: String(port) },
        new RegExp(`Port ${port} on 127.0.0.1 is taken: .* set KEYWRIGHT_GATEWAY_PORT to`),
      );
      taken.close();
      await assertRefuses(
        folder,
        { KEYWRIGHT_HOST: '192.0.2.1' },
        /192\.0\.2\.1 is no address of this machine \(EADDRNOTAVAIL\)\. Set KEYWRIGHT_HOST to one that is/,
      );
    }));

  it('says that a file is no database, and leaves it as it is', () =>
    withFolder('sqlite', async (folder) => {
      await migrations(folder);
      const path = join(folder.folder, 'keywright.db');
      const text = 'This is a letter and no database.\n'.repeat(200);
      for (const name of ['keywright.db-wal', 'keywright.db-shm'])
        rmSync(join(folder.folder, name), { force: true });
      writeFileSync(path, text);
      const served = folder.serve();
      assert.equal((await served.ended).code, 3, served.said());
      assert.match(served.said(), /not_a_database/);
      assert.equal(readFileSync(path, 'utf8'), text);
    }));
});
