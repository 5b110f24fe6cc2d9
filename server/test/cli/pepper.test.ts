import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { waitUntil } from '../outage-assertions.ts';
import { contextOf, issueKeys, within } from './open-installation.ts';
import { type Installation, newInstallation, type Ran } from './run-command.ts';

type Key = { id: string; name: string; secret: string };

for (const kind of ['sqlite', 'postgres'] as const) {
  describe(`keywright pepper [${kind}]`, () => {
    let at: Installation;
    let keys: Key[];
    let managementKey: { managementKey: { id: string }; secret: string };
    let idleManagementKey: typeof managementKey;
    const said: string[] = [];

    before(async () => {
      at = await newInstallation(kind);
      await run('organizations', 'create', 'Acme');
      keys = await within(at, async (services) =>
        issueKeys(await contextOf(services, 'Acme'), ['Used', 'Unused']),
      );
      const made = await at.json(['management-keys', 'create', '--name', 'CI', '--scope', '*']);
      managementKey = made.body;
      idleManagementKey = (await at.json(['management-keys', 'create', '--name', 'Idle', '--scope', '*']))
        .body;
    });
    after(() => at.close());

    async function run(...args: string[]): Promise<Ran> {
      const ran = await at.run(args);
      said.push(ran.stdout, ran.stderr);
      return ran;
    }
    const pepperFile = () => join(String(at.environment.KEYWRIGHT_DATA_DIR), 'peppers.json');
    const peppers = (): Record<string, string> => JSON.parse(readFileSync(pepperFile(), 'utf8')).peppers;
    const versionOf = (key: Key | undefined) =>
      within(at, async ({ database }) => {
        const row = await database.read
          .selectFrom('secret')
          .select('pepper_version')
          .where('api_key_id', '=', String(key?.id))
          .executeTakeFirstOrThrow();
        return row.pepper_version;
      });
    const versionOfManagementKey = (id: string) =>
      within(at, async ({ database }) => {
        const row = await database.read
          .selectFrom('management_key')
          .select('pepper_version')
          .where('id', '=', id)
          .executeTakeFirstOrThrow();
        return row.pepper_version;
      });
    const verify = async (apiUrl: string, key: Key | undefined) => {
      const answer = await fetch(`${apiUrl}/v1/verify`, {
        method: 'POST',
        headers: { authorization: `Bearer ${managementKey.secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({ secret: key?.secret }),
      });
      return { status: answer.status, body: (await answer.json()) as { allowed: boolean; reason?: string } };
    };

    test('rotate adds the next pepper to the file, for its owner alone, and nothing uses it yet', async () => {
      const before = peppers();
      const { code, stdout } = await run('pepper', 'rotate');
      assert.equal(code, 0);
      assert.match(stdout, /Pepper 2 was added to .*peppers\.json\. Nothing uses it yet/);
      assert.deepEqual(Object.keys(peppers()), ['1', '2']);
      assert.equal(peppers()['1'], before['1']);
      assert.notEqual(peppers()['2'], before['1']);
      assert.equal(statSync(pepperFile()).mode & 0o777, 0o600);
      const [made] = await within(at, async (services) =>
        issueKeys(await contextOf(services, 'Acme'), ['Early']),
      );
      assert.equal(await versionOf(made), 1);
    });

    test('a second rotate is refused while one waits, and the file stays as it is', async () => {
      const before = peppers();
      const { code, stderr } = await run('pepper', 'rotate');
      assert.equal(code, 1);
      assert.match(stderr, /Pepper 2 was added before.*rotate --activate/);
      assert.deepEqual(peppers(), before);
    });

    test('a node that does not have the waiting pepper yet starts all the same, and cannot activate it', async () => {
      const whole = readFileSync(pepperFile(), 'utf8');
      const { peppers: values, auditKey } = JSON.parse(whole);
      writeFileSync(pepperFile(), JSON.stringify({ peppers: { 1: values['1'] }, auditKey }));
      assert.equal((await run('management-keys', 'list')).code, 0);
      const { code, stderr } = await run('pepper', 'rotate', '--activate');
      assert.equal(code, 1);
      assert.match(stderr, /lacks pepper 2/);
      writeFileSync(pepperFile(), whole);
    });

    test('after --activate new secrets use it, old ones, management keys too, are good and move to it when they are used', async () => {
      assert.match((await run('pepper', 'rotate', '--activate')).stdout, /use pepper 2 from now on/);
      const again = await run('pepper', 'rotate', '--activate');
      assert.deepEqual([again.code, /No pepper waits/.test(again.stderr)], [1, true]);
      const [made] = await within(at, async (services) =>
        issueKeys(await contextOf(services, 'Acme'), ['Late']),
      );
      assert.equal(await versionOf(made), 2);

      const server = await at.serve();
      try {
        assert.equal((await verify(server.apiUrl, keys[0])).body.allowed, true);
        assert.equal((await verify(server.apiUrl, made)).body.allowed, true);
        await waitUntil('The move of the key', async () => (await versionOf(keys[0])) === 2);
        const { id } = managementKey.managementKey;
        await waitUntil(
          'The move of the management key',
          async () => (await versionOfManagementKey(id)) === 2,
        );
        assert.equal((await verify(server.apiUrl, keys[0])).body.allowed, true);
      } finally {
        await server.stop();
      }
      assert.equal(await versionOf(keys[1]), 1);
      assert.equal(await versionOfManagementKey(idleManagementKey.managementKey.id), 1);
    });

    test('retire names the keys that would stop, and changes nothing, without the flag or with too small a count', async () => {
      for (const flag of [[], ['--and-end-their-keys', '2']]) {
        const { code, stdout } = await run('pepper', 'retire', '1', ...flag);
        assert.equal(code, 1);
        assert.match(stdout, /Nothing was changed\. Pepper 1 cannot be retired without ending 3 keys/);
        assert.match(stdout, new RegExp(`${keys[1]?.id}  active  Acme  Unused`));
        assert.match(stdout, new RegExp(`${idleManagementKey.managementKey.id}  active  Acme  Idle`));
        assert.ok(!stdout.includes(String(keys[0]?.id)), 'the key that moved does not stop');
        assert.match(stdout, /--and-end-their-keys 3/);
      }
      const { code, body } = await at.json(['pepper', 'retire', '1']);
      assert.deepEqual([code, body.retired, body.apiKeys.count, body.managementKeys.count], [1, false, 2, 1]);
      assert.deepEqual(Object.keys(peppers()), ['1', '2']);
      assert.equal(await versionOf(keys[1]), 1);
    });

    test('the pepper in use, an unknown one and a version that is none are refused', async () => {
      const wrong: [string, RegExp][] = [
        ['2', /New secrets use pepper 2\. Rotate first/],
        ['7', /no pepper 7\. There are: 2, 1/],
        ['one', /must be a whole number/],
      ];
      for (const [version, words] of wrong) {
        const { code, stderr } = await run('pepper', 'retire', version, '--and-end-their-keys', '99');
        assert.equal(code, 1, version);
        assert.match(stderr, words);
      }
    });

    test('retire with the count ends those keys, in their own chain, and removes the pepper last', async () => {
      const { code, stdout } = await run('pepper', 'retire', '1', '--and-end-their-keys', '3');
      assert.equal(code, 0, stdout);
      assert.match(stdout, /Ended: 2 secrets of API keys, 1 management key\./);
      assert.deepEqual(Object.keys(peppers()), ['2']);
      await within(at, async ({ database }) => {
        const events = await database.read
          .selectFrom('audit_event')
          .select(['chain', 'action', 'target_id'])
          .where('action', 'in', ['api_key.secret_ended', 'management_key.revoked', 'pepper.retired'])
          .execute();
        assert.equal(events.filter((event) => event.chain.startsWith('org_')).length, 3);
        assert.deepEqual(
          events.filter((event) => event.chain === 'installation').map((event) => event.action),
          ['pepper.retired'],
        );
      });
      const server = await at.serve();
      try {
        assert.equal((await verify(server.apiUrl, keys[0])).body.allowed, true);
        assert.equal((await verify(server.apiUrl, keys[1])).body.allowed, false);
      } finally {
        await server.stop();
      }
      assert.equal((await run('audit', 'verify')).code, 0);
    });

    test('a crash before the pepper left the file is mended by running retire again', async () => {
      const file = JSON.parse(readFileSync(pepperFile(), 'utf8'));
      file.peppers['1'] = Buffer.alloc(32, 7).toString('base64');
      writeFileSync(pepperFile(), JSON.stringify(file), { mode: 0o600 });
      assert.equal((await run('management-keys', 'list')).code, 0);
      assert.equal((await run('pepper', 'retire', '1')).code, 0);
      assert.deepEqual(Object.keys(peppers()), ['2']);
    });

    test('a crash after the pepper came into the file leaves one that the next start records, not active', async () => {
      const file = JSON.parse(readFileSync(pepperFile(), 'utf8'));
      file.peppers['3'] = Buffer.alloc(32, 9).toString('base64');
      writeFileSync(pepperFile(), JSON.stringify(file), { mode: 0o600 });
      assert.match((await run('pepper', 'rotate')).stderr, /Pepper 3 was added before/);
      const [made] = await within(at, async (services) =>
        issueKeys(await contextOf(services, 'Acme'), ['Again']),
      );
      assert.equal(await versionOf(made), 2);
      assert.equal((await run('pepper', 'retire', '3')).code, 0, 'one that was never used may be given up');
    });

    test('peppers in the environment are never printed: what to set is written to a new file', async () => {
      const environment = { KEYWRIGHT_PEPPERS: readFileSync(pepperFile(), 'utf8') };
      const target = join(at.folder, 'to-set');
      const refused = await at.run(['pepper', 'rotate'], environment);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /--write-to/);
      const written = await at.run(['pepper', 'rotate', '--write-to', target], environment);
      assert.equal(written.code, 0, written.stderr);
      assert.equal(statSync(target).mode & 0o777, 0o600);
      const next = readFileSync(target, 'utf8');
      assert.equal(next.trim().split('\n').length, 1);
      assert.deepEqual(Object.keys(JSON.parse(next).peppers), ['2', '4']);
      assert.deepEqual(Object.keys(peppers()), ['2'], 'the file beside it is not touched');
      const activated = await at.run(['pepper', 'rotate', '--activate'], { KEYWRIGHT_PEPPERS: next });
      assert.equal(activated.code, 0, activated.stderr);
      const taken = await at.run(
        ['pepper', 'retire', '2', '--write-to', target, '--and-end-their-keys', '99'],
        {
          KEYWRIGHT_PEPPERS: next,
        },
      );
      assert.equal(taken.code, 1);
      assert.equal(readFileSync(target, 'utf8'), next, 'a file that is there is not overwritten');
      said.push(...[refused, written, activated, taken].flatMap((ran) => [ran.stdout, ran.stderr]));
      const secrets = [...Object.values(JSON.parse(next).peppers), JSON.parse(next).auditKey] as string[];
      for (const secret of secrets) assert.ok(!said.join('').includes(secret), 'a pepper was printed');
      assert.ok(!existsSync(`${target}.new`));
    });
  });
}
