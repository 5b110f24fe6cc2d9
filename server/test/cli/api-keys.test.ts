import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Installation, newInstallation } from './run-command.ts';

for (const kind of ['sqlite', 'postgres'] as const) {
  describe(`keywright api-keys [${kind}]`, () => {
    let at: Installation;
    let application: string;

    before(async () => {
      at = await newInstallation(kind);
      await at.run(['organizations', 'create', 'Acme']);
      application = (await at.json(['applications', 'create', 'Billing Service'])).body.id;
    });
    after(() => at.close());

    const create = async (...more: string[]) =>
      (
        await at.json([
          'api-keys',
          'create',
          '--application',
          application,
          '--environment',
          'staging',
          ...more,
        ])
      ).body;

    test('create prints the body of the API, the secret in it, and names the key by convention', async () => {
      const body = await create('--ip', '192.0.2.0/24,2001:db8::/32', '--expires-at', '2099-01-31T00:00:00Z');
      assert.match(body.secret, /^kw_stg_[0-9A-Za-z]{49}$/);
      assert.match(body.apiKey.name, /^billing_service-\d\d_\d\d_\d{4}-\d\d_\d\d$/);
      assert.deepEqual(body.apiKey.ipAllowlist, ['192.0.2.0/24', '2001:db8::/32']);
      assert.equal(body.apiKey.expiresAt, '2099-01-31T00:00:00.000Z');
      assert.equal((await create('--name', 'Mine')).apiKey.name, 'Mine');
    });

    test('create takes metadata, as exactly as the API does', async () => {
      const metadata = { plan: 'gold', seats: [1, { deep: true }] };
      const { apiKey } = await create('--metadata', JSON.stringify(metadata));
      assert.deepEqual(apiKey.metadata, metadata);
      const shown = await at.run(['api-keys', 'show', apiKey.id]);
      assert.match(shown.stdout, /^Metadata {4}\{"plan":"gold","seats":\[1,\{"deep":true\}\]\}$/m);
      for (const [wrong, why] of [
        ['{"plan"', /is not JSON such as '\{"plan":"gold"\}'\. line 1/i],
        ['[1]', /must be a JSON object/],
        ['{"a":1,"a":2}', /the key "a" is given twice/],
        ['{"a":12345678901234567890}', /has the number 12345678901234567890, which would lose digits/],
      ] as const) {
        const args = ['--application', application, '--environment', 'staging', '--metadata', wrong];
        const refused = await at.run(['api-keys', 'create', ...args]);
        assert.deepEqual([refused.code, refused.stdout], [1, '']);
        assert.match(refused.stderr, /^ {2}--metadata: /m);
        assert.match(refused.stderr, why);
      }
    });

    test('what would deceive or betray in a name is refused as by the API', async () => {
      const secret = (await create('--name', 'Plain')).secret;
      for (const [name, why] of [
        ['a\u001b[31mb', /^ {2}--name: must not hold control characters/m],
        ['a\u202eb', /^ {2}--name: must not hold characters that change the direction/m],
        [`key ${secret}`, /^ {2}--name: must not hold the secret of a key/m],
      ] as const) {
        const args = ['--application', application, '--environment', 'staging', '--name', name];
        const refused = await at.run(['api-keys', 'create', ...args]);
        assert.deepEqual([refused.code, refused.stdout], [1, '']);
        assert.match(refused.stderr, why);
      }
    });

    test('what the verb itself refuses is named by the option, too', async () => {
      const past = ['--application', application, '--environment', 'staging', '--expires-at'];
      const refused = await at.run(['api-keys', 'create', ...past, '2020-01-31T00:00:00Z']);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /^ {2}--expires-at: must be in the future$/m);
      const scope = ['--application', application, '--environment', 'staging', '--scope', 'a:b,c:d'];
      const unconnected = await at.run(['api-keys', 'create', ...scope]);
      assert.match(unconnected.stderr, /^ {2}--scope.*: /m);
    });

    test('without --json the secret is shown once, and the masked one ever after', async () => {
      const made = await at.run([
        'api-keys',
        'create',
        '--application',
        application,
        '--environment',
        'development',
      ]);
      const [secret = ''] = /kw_dev_[0-9A-Za-z]{49}/.exec(made.stdout) ?? [];
      const [id = ''] = /key_[0-9a-z]{26}/.exec(made.stdout) ?? [];
      assert.match(made.stdout, /not shown again/);
      const shown = await at.run(['api-keys', 'show', id]);
      assert.ok(shown.stdout.includes(`${secret.slice(0, 11)}…`), shown.stdout);
      assert.ok(!shown.stdout.includes(secret.slice(0, 16)));
    });

    test('disable, enable, revoke and delete change what show and list say', async () => {
      const { id } = (await create('--name', 'Changing')).apiKey;
      const listed = async (...filter: string[]) =>
        (await at.json(['api-keys', 'list', '--query', 'changing', ...filter])).body.data.map(
          (key: { id: string }) => key.id,
        );
      for (const [verb, expected] of [
        ['disable', 'inactive'],
        ['enable', 'active'],
        ['revoke', 'revoked'],
      ] as const) {
        const done = await at.json(['api-keys', verb, id]);
        assert.deepEqual([done.code, done.body.status], [0, expected]);
        assert.equal(typeof done.body.propagation.verifiers, 'number');
        assert.deepEqual(await listed('--status', expected, '--application', application), [id]);
      }
      assert.deepEqual(await listed('--environment', 'production'), []);
      const deleted = await at.json(['api-keys', 'delete', id]);
      assert.deepEqual([deleted.code, deleted.body.id], [0, id]);
      assert.deepEqual(await listed(), []);
      const gone = await at.run(['api-keys', 'show', id]);
      assert.deepEqual([gone.code, gone.stdout], [1, '']);
      assert.match(gone.stderr, /no API key with this id/);
    });

    test('list is read on from --cursor', async () => {
      for (const name of ['Page a', 'Page b', 'Page c']) await create('--name', name);
      const first = (await at.json(['api-keys', 'list', '--query', 'page', '--limit', '2'])).body;
      const second = (
        await at.json(['api-keys', 'list', '--query', 'page', '--limit', '2', '--cursor', first.nextCursor])
      ).body;
      const names = [...first.data, ...second.data].map((key: { name: string }) => key.name);
      assert.deepEqual([names, second.nextCursor], [['Page a', 'Page b', 'Page c'], null]);
    });

    test('import takes over keys from a file, exits 1 where a row is refused, and says no secret', async () => {
      const raw = 'legacy-9fQ2xTzL0bVn4kWc7RsYpM1d';
      const file = join(at.folder, 'keys.json');
      const row = { applicationId: application, environment: 'production' };
      const sha256 = createHash('sha256').update('another-legacy-key').digest('base64');
      const good = [
        { ...row, name: 'Raw', secret: raw },
        { ...row, name: 'Hashed', sha256 },
      ];
      writeFileSync(file, JSON.stringify(good));
      const imported = await at.json(['api-keys', 'import', file]);
      assert.deepEqual([imported.code, imported.body.imported, imported.body.refused], [0, 2, 0]);

      writeFileSync(file, JSON.stringify([...good, { ...row, name: 'Bad', secret: 'guessable' }]));
      const again = await at.run(['api-keys', 'import', file]);
      assert.equal(again.code, 1);
      assert.match(
        again.stdout,
        /0 imported, 2 there already, 1 refused\n {2}row 2: secret: looks guessable/,
      );
      assert.ok(!(again.stdout + again.stderr).includes(raw));

      const weak = await at.run(['api-keys', 'import', file, '--allow-weak']);
      assert.deepEqual([weak.code, /1 imported/.test(weak.stdout)], [0, true]);
    });

    test('what is not JSON is refused without a word of it', async () => {
      const file = join(at.folder, 'broken.json');
      writeFileSync(file, '[{"secret": "legacy-9fQ2xTzL0bVn4kWc"');
      const broken = await at.run(['api-keys', 'import', file]);
      assert.deepEqual([broken.code, broken.stdout], [1, '']);
      assert.match(broken.stderr, /is not JSON\. Write a list of keys/);
      assert.ok(!broken.stderr.includes('legacy'));
    });

    test('exit code 1 names every field that is wrong, 2 is for the command line itself', async () => {
      const wrong = await at.run(['api-keys', 'create', '--application', 'x', '--environment', 'prod']);
      assert.equal(wrong.code, 1);
      assert.match(wrong.stderr, /^ {2}--application: .*\n {2}--environment: must be development, staging/m);
      for (const args of [
        ['api-keys', 'create'],
        ['api-keys', 'frobnicate'],
        ['api-keys', 'show'],
      ]) {
        assert.equal((await at.run(args)).code, 2, args.join(' '));
      }
    });
  });
}
