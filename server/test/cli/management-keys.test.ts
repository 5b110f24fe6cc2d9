import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Installation, newInstallation } from './run-command.ts';

for (const kind of ['sqlite', 'postgres'] as const) {
  describe(`keywright management-keys [${kind}]`, () => {
    let at: Installation;
    before(async () => {
      at = await newInstallation(kind);
    });
    after(() => at.close());

    test('on an empty database create makes the organization "default" first, and only then', async () => {
      const refused = await at.run(['management-keys', 'create', '--name', 'x', '--scope', 'nonsense']);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /^ {2}--scope, value 1: must be \* or one of: /m);
      const early = await at.run(['management-keys', 'list']);
      assert.match(early.stderr, /There is no organization yet/, 'a refused key makes no organization');

      const first = await at.json(['management-keys', 'create', '--name', 'CI', '--scope', '*']);
      assert.match(first.body.secret, /^kwm_[0-9A-Za-z]{49}$/);
      const second = await at.json([
        'management-keys',
        'create',
        ...['--name', 'Verifier', '--scope', 'api_keys:verify,api_keys:read'],
        ...['--expires-at', '2099-01-31T00:00:00Z'],
      ]);
      assert.deepEqual(second.body.managementKey.scopes, ['api_keys:verify', 'api_keys:read']);
      assert.equal(second.body.managementKey.expiresAt, '2099-01-31T00:00:00.000Z');
      const { data } = (await at.json(['management-keys', 'list', '--organization', 'default'])).body;
      assert.deepEqual(
        data.map((key: { name: string }) => key.name),
        ['Verifier', 'CI'],
      );
    });

    test('revoke ends a key at once, and list shows the masked secret only', async () => {
      const made = (await at.json(['management-keys', 'create', '--name', 'Short', '--scope', '*'])).body;
      const { id, maskedSecret } = made.managementKey;
      const server = await at.serve();
      try {
        const ask = async () =>
          (await fetch(`${server.apiUrl}/v1/teams`, { headers: { authorization: `Bearer ${made.secret}` } }))
            .status;
        assert.equal(await ask(), 200);
        const revoked = await at.json(['management-keys', 'revoke', id]);
        assert.deepEqual([revoked.code, revoked.body.status], [0, 'revoked']);
        assert.equal(await ask(), 401);
      } finally {
        await server.stop();
      }
      const listed = await at.run(['management-keys', 'list']);
      assert.match(listed.stdout, new RegExp(`${id}  revoked  ${maskedSecret}`));
      assert.ok(!listed.stdout.includes(made.secret));
    });
  });
}
