import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { auditEvents, onBothDatabases } from '../harness.ts';
import { insertApiKeys, insertApplication } from '../insert-rows.ts';

const day = 24 * 60 * 60;

onBothDatabases('policies', (kw) => {
  const put = (environment: string, body: object, headers: Record<string, string> = {}) =>
    kw().call('PUT', `/v1/policies/${environment}`, { body, headers });

  describe('200', () => {
    test('all four policies are listed before any was set, open but for the rotation interval', async () => {
      const { status, body } = await kw().call('GET', '/v1/policies');
      assert.equal(status, 200);
      assert.deepEqual(
        body.data,
        ['all', 'development', 'staging', 'production'].map((environment) => ({
          environment,
          longestLifetimeSeconds: null,
          maxKeysPerOrganization: null,
          maxKeysPerTeam: null,
          maxKeysPerApplication: null,
          rotationIntervalDays: 90,
          updatedAt: null,
        })),
      );
    });

    test('PUT sets a policy, keeps what it leaves out, takes away what it sets to null, and says each in the audit', async () => {
      const first = await put(
        'staging',
        { maxKeysPerTeam: 3, rotationIntervalDays: 30 },
        { 'If-Match': '"0"' },
      );
      assert.deepEqual(
        [first.status, first.body.maxKeysPerTeam, first.body.rotationIntervalDays],
        [200, 3, 30],
      );
      assert.deepEqual(Object.keys(first.body.propagation), ['verifiers', 'milliseconds']);
      const second = await put(
        'staging',
        { maxKeysPerApplication: 2, rotationIntervalDays: null },
        { 'If-Match': String(first.headers.get('etag')) },
      );
      assert.equal(second.status, 200);
      const read = await kw().call('GET', '/v1/policies/staging');
      const { maxKeysPerTeam, maxKeysPerApplication, rotationIntervalDays } = read.body;
      assert.deepEqual([maxKeysPerTeam, maxKeysPerApplication, rotationIntervalDays], [3, 2, 90]);
      assert.equal(read.headers.get('etag'), second.headers.get('etag'));
      const [event] = await auditEvents(kw(), 1);
      assert.deepEqual(
        [event?.action, event?.target_id, event?.before, event?.after],
        [
          'policy.updated',
          'staging',
          '{"maxKeysPerApplication":null,"rotationIntervalDays":30}',
          '{"maxKeysPerApplication":2,"rotationIntervalDays":90}',
        ],
      );
    });

    test('a shorter lifetime changes no key that exists, and says how many live beyond it', async () => {
      const applicationId = await insertApplication(kw());
      const now = kw().services.clock();
      const at = (days: number) => ({
        environment: 'production' as const,
        expires_at: now + days * day * 1_000,
      });
      const ids = await insertApiKeys(kw(), applicationId, 2, { environment: 'production' });
      await insertApiKeys(kw(), applicationId, 1, at(60));
      await insertApiKeys(kw(), applicationId, 1, at(20));
      await insertApiKeys(kw(), applicationId, 1, { environment: 'production', revoked_at: now });
      await insertApiKeys(kw(), applicationId, 1, { environment: 'development' });
      const own = await put('production', { longestLifetimeSeconds: 30 * day });
      assert.deepEqual([own.status, own.body.keysBeyond], [200, 3]);
      const all = await put('all', { longestLifetimeSeconds: 30 * day });
      assert.deepEqual([all.status, all.body.keysBeyond], [200, 4]);
      const row = await kw()
        .services.database.read.selectFrom('api_key')
        .select(['expires_at', 'revision'])
        .where('id', '=', String(ids[0]))
        .executeTakeFirstOrThrow();
      assert.deepEqual({ ...row }, { expires_at: null, revision: 1 });
    });
  });

  describe('400', () => {
    const wrong: [string, object][] = [
      ['/longestLifetimeSeconds', { longestLifetimeSeconds: 59 }],
      ['/longestLifetimeSeconds', { longestLifetimeSeconds: 1e12 }],
      ['/maxKeysPerOrganization', { maxKeysPerOrganization: -1 }],
      ['/maxKeysPerTeam', { maxKeysPerTeam: 1.5 }],
      ['/maxKeysPerApplication', { maxKeysPerApplication: '5' }],
      ['/rotationIntervalDays', { rotationIntervalDays: 0 }],
      ['/maxKeys', { maxKeys: 5 }],
    ];
    for (const [pointer, body] of wrong) {
      test(`a rule out of bounds is refused and named: ${JSON.stringify(body)}`, async () => {
        const answer = await put('development', body);
        assert.deepEqual([answer.status, answer.body.errors?.[0].pointer], [400, pointer]);
      });
    }

    test('an environment that does not exist is named', async () => {
      const answer = await put('testing', {});
      assert.deepEqual([answer.status, answer.body.errors[0].pointer], [400, ':environment']);
    });
  });

  test('403: a management key without the scope is refused by the name of the scope', async () => {
    const key = await kw().newManagementKey(['policies:read']);
    const answer = await kw().call('PUT', '/v1/policies/all', { key, body: { maxKeysPerTeam: null } });
    assert.equal(answer.status, 403);
    assert.match(answer.body.detail, /policies:update/);
  });

  test("another organization's policies are its own", async () => {
    const other = await kw().newOrganization('Other');
    await put('development', { maxKeysPerTeam: 7 });
    const answer = await kw().call('GET', '/v1/policies/development', { key: other.adminKey });
    assert.deepEqual([answer.status, answer.body.maxKeysPerTeam], [200, null]);
  });

  test('412: a change made from an old reading is refused', async () => {
    await put('development', { maxKeysPerOrganization: 1_000 });
    const answer = await put('development', { maxKeysPerOrganization: null }, { 'If-Match': '"0"' });
    assert.deepEqual([answer.status, answer.body.code], [412, 'precondition_failed']);
  });
});
