import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { issueKey, makeApi, makeApplication, verify } from '../fixtures.ts';
import { auditEvents, onBothDatabases } from '../harness.ts';

onBothDatabases('API keys, refused', (kw) => {
  describe('400', () => {
    const wrong: [string, Record<string, unknown>, string][] = [
      ['an empty name', { name: '' }, '/name'],
      ['a name of 101 characters', { name: 'x'.repeat(101) }, '/name'],
      ['a name with a NUL', { name: 'a\u0000b' }, '/name'],
      ['a name with a lone surrogate', { name: 'a\ud800' }, '/name'],
      [
        'an application id of another kind',
        { applicationId: 'api_01jd0c8rkee1t9n9p5mj6x2q7v' },
        '/applicationId',
      ],
      [
        'an application that is not there',
        { applicationId: 'app_01jd0c8rkee1t9n9p5mj6x2q7v' },
        '/applicationId',
      ],
      ['an unknown environment', { environment: 'live' }, '/environment'],
      ['an expiry in the past', { expiresAt: '2020-01-01T00:00:00Z' }, '/expiresAt'],
      ['an expiry that is no instant', { expiresAt: 'tomorrow' }, '/expiresAt'],
      ['a CIDR that is none', { ipAllowlist: ['10.0.0.0/33'] }, '/ipAllowlist/0'],
      ['an unknown field', { colour: 'red' }, '/colour'],
      ['a profile that is not there', { profileId: 'prof_01jd0c8rkee1t9n9p5mj6x2q7v' }, '/profileId'],
      ['metadata of 17 kB', { metadata: { text: 'x'.repeat(17_000) } }, '/metadata'],
    ];
    for (const [what, fields, pointer] of wrong) {
      test(`${what} is refused by the name of the field`, async () => {
        const application = await makeApplication(kw());
        const before = (await auditEvents(kw(), 1))[0]?.seq;
        const answer = await kw().call('POST', '/v1/api-keys', {
          body: { name: 'Wrong', applicationId: application.id, environment: 'production', ...fields },
        });
        assert.equal(answer.status, 400, JSON.stringify(answer.body));
        assert.deepEqual(
          answer.body.errors.map((error: { pointer: string }) => error.pointer),
          [pointer],
        );
        assert.equal((await auditEvents(kw(), 1))[0]?.seq, before);
      });
    }
  });

  describe('403', () => {
    test('a production key needs api_keys:production beside the action', async () => {
      const application = await makeApplication(kw());
      const production = await issueKey(kw(), application.id);
      const key = await kw().newManagementKey(['api_keys:create', 'api_keys:revoke']);
      const create = (environment: string) =>
        kw().call('POST', '/v1/api-keys', {
          key,
          body: { name: 'Key', applicationId: application.id, environment },
        });
      assert.equal((await create('staging')).status, 201);
      const refused = await create('production');
      assert.equal(refused.status, 403);
      assert.match(refused.body.detail, /api_keys:production/);
      const revoke = await kw().call('POST', `/v1/api-keys/${production.apiKey.id}/revoke`, { key });
      assert.equal(revoke.status, 403);
      assert.equal((await verify(kw(), { secret: production.secret })).allowed, true);
    });
  });

  test('403: connections of an application with production keys need api_keys:production, as its keys do', async () => {
    const application = await makeApplication(kw());
    const key = await kw().newManagementKey(['applications:update']);
    const path = `/v1/applications/${application.id}/connections`;
    const connect = () => kw().call('PUT', path, { key, body: { connections: [] } });
    assert.equal((await connect()).status, 200);
    await issueKey(kw(), application.id);
    assert.equal((await connect()).status, 403);
  });

  describe('409', () => {
    test('the key limit names the limit and how many are used', async () => {
      const application = await makeApplication(kw());
      await kw().call('PUT', '/v1/policies/staging', { body: { maxKeysPerApplication: 2 } });
      await issueKey(kw(), application.id, { environment: 'staging' });
      const { apiKey } = await issueKey(kw(), application.id, { environment: 'staging' });
      const body = { name: 'Third', applicationId: application.id, environment: 'staging' };
      const refused = await kw().call('POST', '/v1/api-keys', { body });
      assert.deepEqual([refused.status, refused.body.code], [409, 'key_limit_reached']);
      assert.match(refused.body.detail, /2/);
      await kw().call('POST', `/v1/api-keys/${apiKey.id}/revoke`);
      assert.equal((await kw().call('POST', '/v1/api-keys', { body })).status, 201);
      await kw().call('PUT', '/v1/policies/staging', { body: { maxKeysPerApplication: null } });
    });

    test('an expired key that is given a new expiry counts again', async () => {
      const application = await makeApplication(kw());
      const path = '/v1/policies/staging';
      const inAnHour = () => new Date(Date.now() + kw().clock.ahead + 3_600_000).toISOString();
      const { apiKey } = await issueKey(kw(), application.id, {
        environment: 'staging',
        expiresAt: inAnHour(),
      });
      kw().clock.ahead += 7_200_000;
      await kw().call('PUT', path, { body: { maxKeysPerApplication: 1 } });
      await issueKey(kw(), application.id, { environment: 'staging' });
      const revived = await kw().call('PATCH', `/v1/api-keys/${apiKey.id}`, {
        body: { expiresAt: inAnHour() },
      });
      assert.deepEqual([revived.status, revived.body.code], [409, 'key_limit_reached']);
      await kw().call('PUT', path, { body: { maxKeysPerApplication: null } });
    });

    test('of ten callers at once no more get a key than the limit allows', async () => {
      const application = await makeApplication(kw());
      await kw().call('PUT', '/v1/policies/development', { body: { maxKeysPerApplication: 3 } });
      const body = { name: 'Race', applicationId: application.id, environment: 'development' };
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => kw().call('POST', '/v1/api-keys', { body })),
      );
      assert.equal(answers.filter((answer) => answer.status === 201).length, 3);
      assert.equal(answers.filter((answer) => answer.body.code === 'key_limit_reached').length, 7);
    });
  });

  test('412: a change made from an old reading is refused and changes nothing', async () => {
    const application = await makeApplication(kw());
    const { apiKey } = await issueKey(kw(), application.id);
    const path = `/v1/api-keys/${apiKey.id}`;
    const etag = String((await kw().call('GET', path)).headers.get('etag'));
    const headers = { 'If-Match': etag };
    assert.equal((await kw().call('PATCH', path, { body: { name: 'First' }, headers })).status, 200);
    const second = await kw().call('PATCH', path, { body: { name: 'Second' }, headers });
    assert.deepEqual([second.status, second.body.code], [412, 'precondition_failed']);
    assert.equal((await kw().call('GET', path)).body.name, 'First');
  });

  describe('422', () => {
    test('a scope of an API that the application is not connected to is refused, saying so', async () => {
      const api = await makeApi(kw());
      const application = await makeApplication(kw());
      const answer = await kw().call('POST', '/v1/api-keys', {
        body: {
          name: 'X',
          applicationId: application.id,
          environment: 'production',
          scopes: [`${api.slug}:read`, 'nope:read'],
        },
      });
      assert.deepEqual([answer.status, answer.body.code], [422, 'scope_not_connected']);
      assert.deepEqual(
        answer.body.errors.map((error: { pointer: string }) => error.pointer),
        ['/scopes/0', '/scopes/1'],
      );
      assert.match(answer.body.errors[0].message, /not connected/);
    });

    test('a lifetime beyond the policy is refused with the latest instant; without one the policy decides', async () => {
      const application = await makeApplication(kw());
      const other = await kw().newOrganization('Strict');
      await kw().call('PUT', '/v1/policies/all', {
        key: other.adminKey,
        body: { longestLifetimeSeconds: 86_400 },
      });
      const strict = await makeApplication(kw(), { key: other.adminKey });
      const body = { name: 'X', applicationId: strict.id, environment: 'production' };
      const refused = await kw().call('POST', '/v1/api-keys', {
        key: other.adminKey,
        body: { ...body, expiresAt: new Date(Date.now() + 2 * 86_400_000).toISOString() },
      });
      assert.deepEqual([refused.status, refused.body.code], [422, 'policy_violation']);
      const issued = await kw().call('POST', '/v1/api-keys', { key: other.adminKey, body });
      const lifetime = Date.parse(issued.body.apiKey.expiresAt) - Date.parse(issued.body.apiKey.createdAt);
      assert.equal(lifetime, 86_400_000);
      assert.equal((await issueKey(kw(), application.id)).apiKey.expiresAt, null);
    });
  });
});
