import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Api, type Application, issueKey, makeApi, makeApplication, verify } from '../fixtures.ts';
import { type Keywright, onBothDatabases } from '../harness.ts';

onBothDatabases('POST /v1/verify', (kw) => {
  /** An API, an application that may call all of it, and a key that may read. */
  async function setUp(fields: Record<string, unknown> = {}) {
    const api = await makeApi(kw());
    const application = await makeApplication(kw(), { connectedTo: [api] });
    const issued = await issueKey(kw(), application.id, { scopes: [`${api.slug}:read`], ...fields });
    return {
      api,
      application,
      ...issued,
      read: { secret: issued.secret, api: api.slug, method: 'GET', path: '/orders/7' },
    };
  }

  describe('200 allowed', () => {
    test('answers who calls, what it may do, and its profile', async () => {
      const profile = (
        await kw().call('POST', '/v1/profiles', { body: { name: 'Careful', settings: { bias: 0.2 } } })
      ).body;
      const { application, api, apiKey, read } = await setUp({
        profileId: profile.id,
        metadata: { plan: 'gold' },
      });
      assert.deepEqual(await verify(kw(), read), {
        allowed: true,
        apiKey: {
          id: apiKey.id,
          name: apiKey.name,
          environment: 'production',
          scopes: [`${api.slug}:read`],
          expiresAt: null,
          metadata: { plan: 'gold' },
        },
        application: { id: application.id, title: await titleOf(kw(), application) },
        organization: { id: kw().organizationId },
        profile: { id: profile.id, name: 'Careful', settings: { bias: 0.2 } },
      });
    });

    test('the API is named by its id or by its slug', async () => {
      const { read, api } = await setUp();
      assert.equal((await verify(kw(), { ...read, api: api.id })).allowed, true);
    });

    test('full satisfies read, and HEAD counts as GET', async () => {
      const { api, application } = await setUp();
      const { secret } = await issueKey(kw(), application.id, { scopes: [`${api.slug}:full`] });
      assert.equal(
        (await verify(kw(), { secret, api: api.slug, method: 'HEAD', path: '/orders?limit=5' })).allowed,
        true,
      );
    });

    test('the id and the secret of one key belong together', async () => {
      const { apiKey, secret } = await setUp();
      assert.equal((await verify(kw(), { secret, apiKeyId: apiKey.id })).allowed, true);
    });
  });

  describe('200 denied, with a reason', () => {
    test('malformed: text that is no key, and a key with one character changed', async () => {
      const { secret } = await setUp();
      const last = secret.at(-1) === 'a' ? 'b' : 'a';
      for (const wrong of ['', 'hello', 'kw_live_short', secret.slice(0, -1) + last, ` ${secret}`]) {
        assert.deepEqual(await verify(kw(), { secret: wrong }), { allowed: false, reason: 'malformed' });
      }
    });

    test("unknown_key: never issued, another organization's, or beside another key's id; all look alike", async () => {
      const { secret } = await setUp();
      const second = await setUp();
      const other = await kw().newOrganization('Other');
      const unknown = { allowed: false, reason: 'unknown_key' };
      assert.deepEqual(await verify(kw(), { secret }, other.adminKey), unknown);
      assert.deepEqual(await verify(kw(), { secret, apiKeyId: second.apiKey.id }), unknown);
      assert.deepEqual(
        await verify(kw(), { secret: 'kw_live_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg418bBM' }),
        unknown,
      );
    });

    test('expired: from its instant on, and the key is named', async () => {
      const expiresAt = new Date(Date.now() + kw().clock.ahead + 60_000).toISOString();
      const { apiKey, secret } = await setUp({ expiresAt });
      assert.equal((await verify(kw(), { secret })).allowed, true);
      kw().clock.ahead += 61_000;
      assert.deepEqual(await verify(kw(), { secret }), {
        allowed: false,
        reason: 'expired',
        apiKey: { id: apiKey.id, name: apiKey.name },
      });
    });

    test('wrong_environment: a development key never passes at production, which is what is asked unless said', async () => {
      const { secret } = await setUp({ environment: 'development' });
      assert.equal((await verify(kw(), { secret })).reason, 'wrong_environment');
      assert.equal((await verify(kw(), { secret, environment: 'staging' })).reason, 'wrong_environment');
      assert.equal((await verify(kw(), { secret, environment: 'development' })).allowed, true);
    });

    test('ip_not_allowed: from elsewhere, and where no address is given', async () => {
      const { secret } = await setUp({ ipAllowlist: ['192.0.2.0/24'] });
      assert.equal((await verify(kw(), { secret, ip: '192.0.2.9' })).allowed, true);
      assert.equal((await verify(kw(), { secret, ip: '::ffff:192.0.2.9' })).allowed, true);
      for (const ip of ['192.0.3.1', '::1', 'nonsense', undefined]) {
        assert.equal((await verify(kw(), { secret, ip })).reason, 'ip_not_allowed', String(ip));
      }
    });

    test('unknown_endpoint: not in the API, an unknown API, and an endpoint check with something missing', async () => {
      const { read, secret, api } = await setUp();
      for (const question of [
        { ...read, path: '/invoices' },
        { ...read, path: '/orders/' },
        { ...read, path: '/orders/%2e%2e' },
        { ...read, method: 'DELETE' },
        { ...read, api: 'no-such-api' },
        { secret, api: api.slug },
        { secret, api: api.slug, path: '/orders' },
        { secret, method: 'GET', path: '/orders' },
      ]) {
        assert.equal((await verify(kw(), question)).reason, 'unknown_endpoint', JSON.stringify(question));
      }
    });

    test('endpoint_not_connected: an API or an endpoint that the application is not connected to', async () => {
      const { api, application, read } = await setUp();
      const elsewhere = await makeApi(kw());
      assert.equal((await verify(kw(), { ...read, api: elsewhere.slug })).reason, 'endpoint_not_connected');
      await connect(application, [{ apiId: api.id, endpoints: [endpointOf(api, '/orders')] }]);
      assert.equal((await verify(kw(), read)).reason, 'endpoint_not_connected');
      assert.equal((await verify(kw(), { ...read, path: '/orders' })).allowed, true);
    });

    test('insufficient_scope: asked by the endpoint, or by the caller; which scope is not part of the answer', async () => {
      const { api, apiKey, read, secret } = await setUp();
      assert.deepEqual(await verify(kw(), { ...read, method: 'POST', path: '/orders' }), {
        allowed: false,
        reason: 'insufficient_scope',
        apiKey: { id: apiKey.id, name: apiKey.name },
      });
      assert.equal(
        (await verify(kw(), { secret, scopes: [`${api.slug}:full`] })).reason,
        'insufficient_scope',
      );
      assert.equal((await verify(kw(), { secret, scopes: [`${api.slug}:read`] })).allowed, true);
    });
  });

  describe('holds from the return of the change', () => {
    test('disconnecting an API takes its scopes from every key, and connecting it gives them back', async () => {
      const { api, application, secret } = await setUp();
      const question = { secret, scopes: [`${api.slug}:read`] };
      await connect(application, []);
      assert.equal((await verify(kw(), question)).reason, 'insufficient_scope');
      assert.deepEqual((await verify(kw(), { secret })).apiKey.scopes, []);
      await connect(application, [{ apiId: api.id, endpoints: 'all' }]);
      assert.equal((await verify(kw(), question)).allowed, true);
    });

    test('an endpoint that asks for another scope asks for it at once', async () => {
      const { api, read } = await setUp();
      const patched = await kw().call('PATCH', `/v1/apis/${api.id}`, {
        body: { endpoints: [{ method: 'GET', path: '/orders/{id}', scopes: [`${api.slug}:full`] }] },
      });
      assert.equal(patched.status, 200, JSON.stringify(patched.body));
      assert.equal((await verify(kw(), read)).reason, 'insufficient_scope');
      assert.equal((await verify(kw(), { ...read, path: '/orders' })).reason, 'unknown_endpoint');
    });

    test('new settings of a profile are handed out at once', async () => {
      const profile = (
        await kw().call('POST', '/v1/profiles', { body: { name: 'Changing', settings: { a: 1 } } })
      ).body;
      const { secret } = await setUp({ profileId: profile.id });
      await kw().call('PATCH', `/v1/profiles/${profile.id}`, { body: { settings: { a: 2 } } });
      assert.deepEqual((await verify(kw(), { secret })).profile.settings, { a: 2 });
    });

    test('deleting an application ends its keys', async () => {
      const { application, secret } = await setUp();
      assert.equal((await kw().call('DELETE', `/v1/applications/${application.id}`)).status, 200);
      assert.equal((await verify(kw(), { secret })).reason, 'revoked');
    });

    test('a scope granted for one API gives nothing at a later one that takes over its name', async () => {
      const { api, application, secret } = await setUp();
      const scope = `${api.slug}:read`;
      await kw().call('DELETE', `/v1/apis/${api.id}`);
      const later = await kw().call('POST', '/v1/apis', {
        body: {
          name: 'Later',
          slug: api.slug,
          scopes: [{ name: scope, description: '', access: 'read' }],
          endpoints: [],
        },
      });
      assert.equal(later.status, 201, JSON.stringify(later.body));
      await connect(application, [{ apiId: later.body.id, endpoints: 'all' }]);
      assert.equal((await verify(kw(), { secret, scopes: [scope] })).reason, 'insufficient_scope');
    });

    test('deleting an API leaves nothing of it to pass at', async () => {
      const { api, read } = await setUp();
      assert.equal((await kw().call('DELETE', `/v1/apis/${api.id}`)).status, 200);
      assert.equal((await verify(kw(), read)).reason, 'unknown_endpoint');
    });

    test('a revoked management key verifies nothing any more, nor does a key that it made', async () => {
      const { secret } = await setUp();
      const made = await kw().call('POST', '/v1/management-keys', {
        body: { name: 'Gateway', scopes: ['*'] },
      });
      const child = await kw().call('POST', '/v1/management-keys', {
        key: made.body.secret,
        body: { name: 'Child', scopes: ['api_keys:verify'] },
      });
      assert.equal((await verify(kw(), { secret }, child.body.secret)).allowed, true);
      await kw().call('POST', `/v1/management-keys/${made.body.managementKey.id}/revoke`);
      for (const key of [made.body.secret, child.body.secret]) {
        assert.equal((await kw().call('POST', '/v1/verify', { body: { secret }, key })).status, 401);
      }
    });
  });

  describe('the management key itself', () => {
    test('401 without one, with an API key, and with one that is wrong', async () => {
      const { secret } = await setUp();
      for (const key of [null, secret, 'kwm_nothing']) {
        const answer = await kw().call('POST', '/v1/verify', { body: { secret }, key });
        assert.deepEqual([answer.status, answer.body.code], [401, 'unauthenticated']);
      }
    });

    test('403 without api_keys:verify', async () => {
      const key = await kw().newManagementKey(['api_keys:read']);
      assert.equal((await kw().call('POST', '/v1/verify', { body: { secret: 'x' }, key })).status, 403);
    });

    test('a management key presented as the secret does not pass', async () => {
      assert.equal((await verify(kw(), { secret: kw().adminKey })).allowed, false);
    });
  });

  test('400 names a field that is wrong', async () => {
    const answer = await kw().call('POST', '/v1/verify', {
      body: { secret: 7, environment: 'live', color: 1 },
    });
    assert.equal(answer.status, 400);
    const pointers = answer.body.errors.map((error: { pointer: string }) => error.pointer).sort();
    assert.deepEqual(pointers, ['/color', '/environment', '/secret']);
  });

  async function connect(application: Application, connections: unknown) {
    const answer = await kw().call('PUT', `/v1/applications/${application.id}/connections`, {
      body: { connections },
    });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  }

  function endpointOf(api: Api, path: string) {
    return api.endpoints.find((endpoint) => endpoint.path === path)?.id;
  }
});

async function titleOf(kw: Keywright, application: Application): Promise<string> {
  return (await kw.call('GET', `/v1/applications/${application.id}`)).body.title;
}
