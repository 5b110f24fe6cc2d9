import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { auditEvents, onBothDatabases } from '../harness.ts';

onBothDatabases('management keys', (kw) => {
  const create = (body: Record<string, unknown>, key = kw().adminKey, headers = {}) =>
    kw().call('POST', '/v1/management-keys', {
      body: { name: 'Made', scopes: ['*'], ...body },
      key,
      headers,
    });
  const get = async (id: string) => (await kw().call('GET', `/v1/management-keys/${id}`)).body;

  describe('201', () => {
    test('the secret stands in the answer and never again, and neither it nor its hash in the audit', async () => {
      const { status, body } = await create({ scopes: ['teams:read', 'teams:read', 'api_keys:verify'] });
      assert.equal(status, 201);
      assert.match(body.secret, /^kwm_[0-9A-Za-z]{49}$/);
      const { managementKey, secret } = body;
      assert.deepEqual(managementKey.scopes, ['teams:read', 'api_keys:verify']);
      assert.equal(managementKey.maskedSecret, `${secret.slice(0, 8)}…${secret.slice(-10, -6)}`);
      assert.deepEqual(await get(managementKey.id), managementKey);
      const [event] = await auditEvents(kw(), 1);
      assert.deepEqual([event?.action, event?.target_id], ['management_key.created', managementKey.id]);
      const { hash } = await kw()
        .services.database.read.selectFrom('management_key')
        .select('hash')
        .where('id', '=', managementKey.id)
        .executeTakeFirstOrThrow();
      for (const text of [secret, hash]) assert.ok(!JSON.stringify(event).includes(text));
    });

    test('the same Idempotency-Key answers the same key, without its secret', async () => {
      const headers = { 'Idempotency-Key': 'once' };
      const first = await create({}, kw().adminKey, headers);
      const second = await create({}, kw().adminKey, headers);
      assert.deepEqual(
        [second.status, second.body.managementKey.id, second.body.secret, second.body.replayed],
        [201, first.body.managementKey.id, null, true],
      );
    });
  });

  describe('200', () => {
    test('a key ends at its expiry, and is listed as expired', async () => {
      const expiresAt = new Date(kw().services.clock() + 60_000).toISOString();
      const { secret, managementKey } = (await create({ expiresAt })).body;
      const ask = async () => (await kw().call('GET', '/v1/teams', { key: secret })).status;
      assert.equal(await ask(), 200);
      kw().clock.ahead += 60_000;
      assert.equal(await ask(), 401);
      assert.equal((await get(managementKey.id)).status, 'expired');
    });

    test('a key says when it was used last', async () => {
      const { secret, managementKey } = (await create({})).body;
      assert.equal(managementKey.lastUsedAt, null);
      await kw().call('GET', '/v1/teams', { key: secret });
      while ((await get(managementKey.id)).lastUsedAt === null) await pause(25);
    });

    test('revoking is final, is done once, and ends what the key made', async () => {
      const parent = (await create({})).body;
      const child = (await create({}, parent.secret)).body;
      assert.equal(child.managementKey.createdBy, parent.managementKey.id);
      const revoke = () => kw().call('POST', `/v1/management-keys/${parent.managementKey.id}/revoke`);
      assert.deepEqual([(await revoke()).body.status, (await revoke()).status], ['revoked', 200]);
      const events = await auditEvents(kw(), 100);
      const revocations = events.filter((event) => event.target_id === parent.managementKey.id);
      assert.deepEqual(
        revocations.map((event) => event.action),
        ['management_key.revoked', 'management_key.created'],
      );
      for (const { secret } of [parent, child]) {
        assert.equal((await kw().call('GET', '/v1/teams', { key: secret })).status, 401);
      }
    });
  });

  describe('403', () => {
    test('nobody grants scopes that they do not hold, and the answer names them', async () => {
      const { secret } = (await create({ scopes: ['management_keys:create', 'teams:read'] })).body;
      const more = await create({ scopes: ['teams:read', 'teams:delete'] }, secret);
      assert.deepEqual([more.status, more.body.errors[0].pointer], [403, '/scopes']);
      assert.match(more.body.errors[0].message, /do not hold: teams:delete$/);
      assert.match(String(more.headers.get('www-authenticate')), /insufficient_scope.*scope="teams:delete"$/);
      assert.equal((await create({ scopes: ['*'] }, secret)).status, 403);
      assert.equal((await create({ scopes: ['teams:read'] }, secret)).status, 201);
    });

    test('keys make keys at most eight deep', async () => {
      let key = kw().adminKey;
      for (let depth = 2; depth <= 8; depth++) key = (await create({}, key)).body.secret;
      const ninth = await create({}, key);
      assert.equal(ninth.status, 403);
      assert.match(ninth.body.detail, /at most 8 deep/);
      assert.equal(ninth.headers.get('www-authenticate'), null, 'no scope would help');
      assert.equal((await kw().call('GET', '/v1/teams', { key })).status, 200);
    });
  });

  test('400: a scope that is none, no scope at all, and an expiry in the past are named', async () => {
    const past = new Date(kw().services.clock() - 1_000).toISOString();
    for (const [body, pointer] of [
      [{ scopes: ['teams:read', 'teams:fly'] }, '/scopes/1'],
      [{ scopes: [] }, '/scopes'],
      [{ expiresAt: past }, '/expiresAt'],
      [{ expiresAt: 'tomorrow' }, '/expiresAt'],
    ] as const) {
      const answer = await create(body);
      assert.deepEqual([answer.status, answer.body.errors?.[0]?.pointer], [400, pointer]);
    }
  });

  describe('401', () => {
    const challenge = async (headers: Record<string, string>) => {
      const answer = await kw().call('GET', '/v1/teams', { key: null, headers });
      assert.deepEqual([answer.status, answer.body.code], [401, 'unauthenticated']);
      return String(answer.headers.get('www-authenticate'));
    };

    test('nothing presented: the challenge without an error (RFC 6750, section 3.1)', async () => {
      assert.equal(await challenge({}), 'Bearer realm="keywright"');
    });

    test('something presented that is no good: the challenge with invalid_token', async () => {
      for (const authorization of ['Bearer kwm_unknown', 'Basic a2V5OnNlY3JldA==', 'Bearer']) {
        assert.match(
          await challenge({ authorization }),
          /^Bearer realm="keywright", error="invalid_token", /,
        );
      }
    });

    test('of POST /v1/verify is the same, whichever way it is answered', async () => {
      for (const path of ['/v1/verify', '/v1/verify?']) {
        const answer = await kw().call('POST', path, { key: null, body: { secret: 'x' } });
        assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="keywright"', path);
      }
    });
  });
});
