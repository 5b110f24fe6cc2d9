import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issueKey, makeApplication, verify } from '../fixtures.ts';
import { onBothDatabases } from '../harness.ts';

onBothDatabases('scopes named like what every object in JavaScript has', (kw) => {
  test('are granted, kept and asked for like any other', async () => {
    const names = ['constructor', 'toString', 'valueOf', 'hasOwnProperty'];
    const { body: api } = await kw().call('POST', '/v1/apis', {
      body: {
        name: 'Odd names',
        slug: 'odd-names',
        scopes: names.map((name) => ({ name, description: '', access: 'full' })),
        endpoints: [{ method: 'GET', path: '/', scopes: names }],
      },
    });
    const application = await makeApplication(kw(), { connectedTo: [api] });
    const { apiKey, secret } = await issueKey(kw(), application.id, { scopes: names });
    assert.deepEqual(apiKey.scopes, names);
    const question = { secret, api: api.id, method: 'GET', path: '/' };
    assert.equal((await verify(kw(), question)).allowed, true);

    const body = { scopes: ['constructor'] };
    const { body: narrowed } = await kw().call('PATCH', `/v1/api-keys/${apiKey.id}`, { body });
    assert.deepEqual(narrowed.scopes, ['constructor']);
    assert.deepEqual((await verify(kw(), { secret, scopes: ['constructor'] })).apiKey.scopes, [
      'constructor',
    ]);
    assert.equal((await verify(kw(), question)).reason, 'insufficient_scope');

    const bare = await issueKey(kw(), application.id);
    assert.equal((await verify(kw(), { ...question, secret: bare.secret })).reason, 'insufficient_scope');
  });
});
