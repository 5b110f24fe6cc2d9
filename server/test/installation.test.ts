import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openServices } from '../src/app.ts';
import { type Config, readConfig } from '../src/config.ts';
import { DatabaseTooNewError, newestVersion } from '../src/database/migrate.ts';
import { openDatabase } from '../src/database/open.ts';
import { WrongKeysError } from '../src/domain/peppers/load-installation-keys.ts';
import { createLog } from '../src/lib/create-log.ts';
import { makePepperFile, parsePepperFile, writePepperFile } from '../src/lib/pepper-file.ts';
import { systemRandom } from '../src/lib/random.ts';
import { createPostgresDatabase } from './harness.ts';

const open = async (config: Config) => {
  const services = await openServices(config, { log: createLog('error') });
  await services.close();
  return services;
};

for (const kind of ['sqlite', 'postgres'] as const) {
  describe(`a start [${kind}]`, () => {
    let folder: string;
    let config: Config;
    let drop: (() => Promise<void>) | undefined;
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'keywright-start-'));
      const database = kind === 'postgres' ? await createPostgresDatabase() : undefined;
      drop = database?.drop;
      config = readConfig(
        {
          KEYWRIGHT_DATA_DIR: folder,
          ...(database === undefined ? {} : { KEYWRIGHT_DATABASE_URL: database.url }),
        },
        () => undefined,
      );
      // Two at once, on nothing: they end up with one and the same pepper file.
      await Promise.all([open(config), open(config)]);
    });
    after(async () => {
      await drop?.();
      rmSync(folder, { recursive: true, force: true });
    });

    test('makes the pepper file for its owner alone, and leaves it as it is from then on', async () => {
      assert.equal(statSync(config.pepperFile).mode & 0o777, 0o600);
      const text = readFileSync(config.pepperFile, 'utf8');
      await open(config);
      assert.equal(readFileSync(config.pepperFile, 'utf8'), text);
    });

    test('without the pepper file of a database that was used is refused, and none is made up', async () => {
      const elsewhere = { ...config, pepperFile: join(folder, 'elsewhere', 'peppers.json') };
      await assert.rejects(open(elsewhere), (error: unknown) => {
        assert.ok(error instanceof WrongKeysError);
        assert.match(error.message, /is missing.*Restore it from your backup/);
        return true;
      });
      assert.ok(!existsSync(elsewhere.pepperFile));
    });

    test('with a pepper or an audit key of another installation is refused, saying which', async () => {
      const ours = parsePepperFile(readFileSync(config.pepperFile, 'utf8'), 'ours');
      const others = makePepperFile(systemRandom);
      for (const [name, file, said] of [
        ['pepper', { ...ours, peppers: others.peppers }, /has another pepper 1/],
        ['audit-key', { ...ours, auditKey: others.auditKey }, /has another audit key/],
        ['lacking', { ...ours, peppers: new Map([[2, systemRandom(32)]]) }, /lacks pepper 1/],
      ] as const) {
        const pepperFile = join(folder, `${name}.json`);
        writePepperFile(pepperFile, file, { replace: false });
        await assert.rejects(open({ ...config, pepperFile }), (error: unknown) => {
          assert.ok(error instanceof WrongKeysError, name);
          assert.match(error.message, said);
          return true;
        });
      }
    });

    test('on a database that a newer Keywright wrote is refused, with what to do, and nothing is touched', async () => {
      const database = openDatabase(config.database, () => undefined);
      const ahead = { version: newestVersion + 1, name: 'later', applied_at: 0 };
      try {
        await database.write((tx) => tx.insertInto('migration').values(ahead).execute());
        await assert.rejects(open(config), (error: unknown) => {
          assert.ok(error instanceof DatabaseTooNewError);
          assert.match(error.message, /Start the newer program that wrote it, or restore a backup/);
          return true;
        });
        await database.write((tx) =>
          tx.deleteFrom('migration').where('version', '=', ahead.version).execute(),
        );
      } finally {
        await database.close();
      }
      await open(config);
    });
  });
}

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
