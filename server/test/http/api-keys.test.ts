import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hasValidChecksum } from '../../src/lib/checked-secret.ts';
import { issueKey, makeApi, makeApplication, verify } from '../fixtures.ts';
import { auditEvents, onBothDatabases } from '../harness.ts';

onBothDatabases('API keys', (kw) => {
  describe('201 POST /v1/api-keys', () => {
    test('answers the key whole and its secret, which passes at once', async () => {
      const api = await makeApi(kw());
      const application = await makeApplication(kw(), { connectedTo: [api] });
      const body = {
        name: 'Checkout',
        applicationId: application.id,
        environment: 'production',
        scopes: [`${api.slug}:read`],
        ipAllowlist: ['10.0.0.0/8', '2001:DB8::/32'],
        metadata: { owner: 'payments' },
      };
      const { status, body: answer } = await kw().call('POST', '/v1/api-keys', { body });
      assert.equal(status, 201);
      assert.match(answer.secret, /^kw_live_[0-9A-Za-z]{49}$/);
      assert.ok(hasValidChecksum(answer.secret));
      const { id, createdAt, createdBy, maskedSecret, ...rest } = answer.apiKey;
      assert.match(id, /^key_/);
      assert.match(createdBy, /^mk_/);
      assert.ok(Math.abs(Date.parse(createdAt) - Date.now()) < 60_000);
      assert.equal(maskedSecret, `kw_live_${answer.secret.slice(8, 12)}…${answer.secret.slice(47, 51)}`);
      assert.deepEqual(rest, {
        ...body,
        ipAllowlist: ['10.0.0.0/8', '2001:db8::/32'],
        status: 'active',
        profileId: null,
        expiresAt: null,
        rotation: null,
        lastUsedAt: null,
        lastUsedIp: null,
        lastUsedUserAgent: null,
        importedAt: null,
      });
      const verification = await verify(kw(), {
        secret: answer.secret,
        ip: '10.1.2.3',
        scopes: [`${api.slug}:read`],
      });
      assert.equal(verification.allowed, true);
    });

    test('the audit event holds neither the secret nor its hash', async () => {
      const application = await makeApplication(kw());
      const issued = await issueKey(kw(), application.id, { name: 'Audited' });
      const [event] = await auditEvents(kw(), 1);
      assert.equal(event?.action, 'api_key.created');
      assert.equal(event?.target_id, issued.apiKey.id);
      assert.match(String(event?.after), /"name":"Audited"/);
      assert.ok(!JSON.stringify(event).includes(issued.secret));
    });

    test('the same Idempotency-Key answers the same key, and the secret only the first time', async () => {
      const application = await makeApplication(kw());
      const options = {
        body: { name: 'Once', applicationId: application.id, environment: 'staging' },
        headers: { 'Idempotency-Key': 'issue-once' },
      };
      const [first, second] = await Promise.all([
        kw().call('POST', '/v1/api-keys', options),
        kw().call('POST', '/v1/api-keys', options),
      ]);
      assert.deepEqual([first.status, second.status], [201, 201]);
      assert.equal(first.body.apiKey.id, second.body.apiKey.id);
      const secrets = [first.body.secret, second.body.secret].filter((secret) => secret !== null);
      assert.equal(secrets.length, 1);
      assert.equal([first.body.replayed, second.body.replayed].filter(Boolean).length, 1);
    });

    for (const [environment, prefix] of [
      ['development', 'kw_dev_'],
      ['staging', 'kw_stg_'],
      ['production', 'kw_live_'],
    ]) {
      test(`a ${environment} secret begins with ${prefix}`, async () => {
        const application = await makeApplication(kw());
        const issued = await issueKey(kw(), application.id, { environment });
        assert.ok(issued.secret.startsWith(String(prefix)));
      });
    }
  });

  describe('200', () => {
    test('disable refuses at once, enable lets pass again, each with its audit event', async () => {
      const application = await makeApplication(kw());
      const { apiKey, secret } = await issueKey(kw(), application.id);
      const disabled = await kw().call('POST', `/v1/api-keys/${apiKey.id}/disable`);
      assert.deepEqual([disabled.status, disabled.body.status], [200, 'inactive']);
      assert.deepEqual(Object.keys(disabled.body.propagation), ['verifiers', 'milliseconds']);
      assert.equal((await verify(kw(), { secret })).reason, 'inactive');
      assert.deepEqual(await lastChange(), [
        'api_key.disabled',
        '{"status":"active"}',
        '{"status":"inactive"}',
      ]);
      const enabled = await kw().call('POST', `/v1/api-keys/${apiKey.id}/enable`, { body: {} });
      assert.deepEqual([enabled.status, enabled.body.status], [200, 'active']);
      assert.equal((await verify(kw(), { secret })).allowed, true);
      assert.deepEqual(await lastChange(), [
        'api_key.enabled',
        '{"status":"inactive"}',
        '{"status":"active"}',
      ]);
    });

    test('revoke is final: the key is refused, stays in the list, and cannot be enabled or changed', async () => {
      const application = await makeApplication(kw());
      const { apiKey, secret } = await issueKey(kw(), application.id);
      const revoked = await kw().call('POST', `/v1/api-keys/${apiKey.id}/revoke`);
      assert.deepEqual([revoked.status, revoked.body.status], [200, 'revoked']);
      assert.equal((await verify(kw(), { secret })).reason, 'revoked');
      assert.deepEqual(await lastChange(), [
        'api_key.revoked',
        '{"status":"active"}',
        '{"status":"revoked"}',
      ]);
      for (const verb of ['enable', 'disable']) {
        const answer = await kw().call('POST', `/v1/api-keys/${apiKey.id}/${verb}`);
        assert.deepEqual([answer.status, answer.body.code], [409, 'key_is_final']);
      }
      const patched = await kw().call('PATCH', `/v1/api-keys/${apiKey.id}`, { body: { name: 'Again' } });
      assert.deepEqual([patched.status, patched.body.code], [409, 'key_is_final']);
      const list = await kw().call('GET', `/v1/api-keys?applicationId=${application.id}`);
      assert.deepEqual(
        list.body.data.map((key: { status: string }) => key.status),
        ['revoked'],
      );
    });

    test('delete is permanent: refused as revoked, not found, and recognised for ever', async () => {
      const application = await makeApplication(kw());
      const { apiKey, secret } = await issueKey(kw(), application.id);
      const deleted = await kw().call('DELETE', `/v1/api-keys/${apiKey.id}`);
      assert.deepEqual([deleted.status, deleted.body.id], [200, apiKey.id]);
      const verification = await verify(kw(), { secret });
      assert.deepEqual([verification.reason, verification.apiKey.id], ['revoked', apiKey.id]);
      assert.equal((await auditEvents(kw(), 1))[0]?.action, 'api_key.deleted');
      for (const [method, path] of [
        ['GET', ''],
        ['PATCH', ''],
        ['POST', '/enable'],
        ['POST', '/revoke'],
      ] as const) {
        const answer = await kw().call(
          method,
          `/v1/api-keys/${apiKey.id}${path}`,
          method === 'GET' ? {} : { body: {} },
        );
        assert.equal(answer.status, 404, `${method} ${path}`);
      }
    });

    test('disabling, revoking and deleting what already is so answers 200 and writes no second event', async () => {
      const application = await makeApplication(kw());
      const { apiKey } = await issueKey(kw(), application.id);
      for (const [method, path] of [
        ['POST', '/disable'],
        ['POST', '/revoke'],
        ['DELETE', ''],
      ] as const) {
        await kw().call(method, `/v1/api-keys/${apiKey.id}${path}`);
        const before = (await auditEvents(kw(), 1))[0]?.seq;
        const again = await kw().call(method, `/v1/api-keys/${apiKey.id}${path}`);
        assert.equal(again.status, 200, path);
        assert.ok(again.body.propagation);
        assert.equal((await auditEvents(kw(), 1))[0]?.seq, before, path);
      }
    });

    test('PATCH narrows the scopes, and the next verification is held to it', async () => {
      const api = await makeApi(kw());
      const application = await makeApplication(kw(), { connectedTo: [api] });
      const { apiKey, secret } = await issueKey(kw(), application.id, { scopes: [`${api.slug}:full`] });
      const question = { secret, api: api.slug, method: 'POST', path: '/orders' };
      assert.equal((await verify(kw(), question)).allowed, true);
      const patched = await kw().call('PATCH', `/v1/api-keys/${apiKey.id}`, {
        body: { scopes: [`${api.slug}:read`] },
      });
      assert.deepEqual([patched.status, patched.body.scopes], [200, [`${api.slug}:read`]]);
      assert.equal((await verify(kw(), question)).reason, 'insufficient_scope');
      const [, before, after] = await lastChange();
      assert.deepEqual(
        [before, after],
        [`{"scopes":["${api.slug}:full"]}`, `{"scopes":["${api.slug}:read"]}`],
      );
    });

    test('being used does not change the ETag, and shows when, from where and by what', async () => {
      const application = await makeApplication(kw());
      const { apiKey, secret } = await issueKey(kw(), application.id);
      const etag = (await kw().call('GET', `/v1/api-keys/${apiKey.id}`)).headers.get('etag');
      await verify(kw(), { secret, ip: '192.0.2.7', userAgent: 'curl/8' });
      const used = await eventually(async () => {
        const answer = await kw().call('GET', `/v1/api-keys/${apiKey.id}`);
        return answer.body.lastUsedAt === null ? undefined : answer;
      });
      assert.deepEqual([used.body.lastUsedIp, used.body.lastUsedUserAgent], ['192.0.2.7', 'curl/8']);
      assert.equal(used.headers.get('etag'), etag);
    });
  });

  async function lastChange() {
    const [event] = await auditEvents(kw(), 1);
    return [event?.action, event?.before, event?.after];
  }

  async function eventually<Value>(look: () => Promise<Value | undefined>): Promise<Value> {
    const end = Date.now() + 10_000;
    for (;;) {
      const value = await look();
      if (value !== undefined) return value;
      assert.ok(Date.now() < end, 'what was waited for did not happen within 10 s');
    }
  }
});
