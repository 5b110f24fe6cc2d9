import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { drawCheckedSecret } from '../../server/src/lib/checked-secret.ts';
import { systemRandom } from '../../server/src/lib/random.ts';
import { setUpGuardedApi } from './guarded-api.ts';
import { basic, bearer, type HeaderLines, onEveryGateway, type Sent } from './stage.ts';

function assertRefused(sent: Sent, status: number, reason: string): void {
  assert.deepEqual([sent.status, sent.reason], [status, reason]);
  assert.deepEqual(sent.reached, [], 'nothing reaches the API');
  assert.equal(sent.headers['cache-control']?.[0], 'no-store');
  assert.equal(sent.headers['content-type']?.[0], 'application/problem+json');
  const challenges = sent.headers['www-authenticate'] ?? [];
  if (status === 401) assert.equal(challenges.length, 1, 'one challenge goes with every 401');
  const { code, requestId } = JSON.parse(sent.body) as { code: string; requestId: string };
  assert.equal(code, reason);
  assert.match(requestId, /^req_[0-9a-z]{26}$/);
  assert.deepEqual(sent.headers['x-request-id'], [requestId]);
}

onEveryGateway('decisions', (stage) => {
  const get = (headers: HeaderLines, target = '/orders') => stage().send('GET', target, headers);

  describe('allowed', () => {
    test('the request passes with its query and body as sent', async () => {
      const key = await stage().issue({ scopes: ['orders:full'] });
      const sent = await stage().send('POST', '/orders?dry=1&x=%20', [bearer(key.secret)], '{"item":"a"}');
      assert.equal(sent.status, 200);
      const [request] = sent.reached;
      assert.deepEqual(
        [request?.method, request?.url, request?.body],
        ['POST', '/orders?dry=1&x=%20', '{"item":"a"}'],
      );
    });

    test('the API learns who calls, and not the secret', async () => {
      const { kw, guarded, issue } = stage();
      const key = await issue();
      for (const keyHeader of [bearer(key.secret), ['X-API-Key', key.secret], basic(key.id, key.secret)]) {
        const { status, reached } = await get([keyHeader as [string, string]]);
        assert.equal(status, 200);
        const headers = reached[0]?.headers ?? {};
        assert.deepEqual(headers['x-auth-key-id'], [key.id]);
        assert.deepEqual(headers['x-auth-application-id'], [guarded.applicationId]);
        assert.deepEqual(headers['x-auth-organization-id'], [kw.organizationId]);
        assert.deepEqual(headers['x-auth-environment'], ['production']);
        assert.deepEqual(headers['x-auth-scopes'], ['orders:read']);
        assert.equal(headers.authorization, undefined);
        assert.equal(headers['x-api-key'], undefined);
        assert.ok(!JSON.stringify(reached).includes(key.secret));
      }
    });

    test('HEAD passes where GET may', async () => {
      const { secret } = await stage().issue();
      const sent = await stage().send('HEAD', '/orders', [bearer(secret)]);
      assert.deepEqual([sent.status, sent.reached[0]?.method, sent.body], [200, 'HEAD', '']);
    });

    test("the client's query is the API's: it neither names the API nor the environment to Keywright", async () => {
      const { secret } = await stage().issue();
      const target = '/orders?api=api_00000000000000000000000000&environment=development';
      const sent = await get([bearer(secret)], target);
      assert.deepEqual([sent.status, sent.reached[0]?.url], [200, target]);
    });
  });

  describe('401', () => {
    test('nothing presented: the challenge without an error', async () => {
      const sent = await get([]);
      assertRefused(sent, 401, 'not_presented');
      assert.deepEqual(sent.headers['www-authenticate'], ['Bearer realm="keywright"']);
    });

    test('a wrong key, a mistyped one, and no key at all', async () => {
      const unknown = drawCheckedSecret('kw_live_', systemRandom);
      const mistyped = `${unknown.slice(0, -1)}${unknown.endsWith('0') ? '1' : '0'}`;
      stage().keepSecret(unknown, mistyped);
      assertRefused(await get([bearer(unknown)]), 401, 'unknown_key');
      assertRefused(await get([bearer(mistyped)]), 401, 'malformed');
      assertRefused(await get([['Authorization', 'Digest abc']]), 401, 'malformed');
      assertRefused(await get([['X-API-Key', '']]), 401, 'malformed');
    });

    test('a management key is no API key', async () => {
      assertRefused(await get([bearer(stage().kw.adminKey)]), 401, 'malformed');
    });

    test("a secret with another key's id, and one in the place of the user name", async () => {
      const [one, other] = [await stage().issue(), await stage().issue()];
      const misplaced = basic(one.secret, '');
      stage().keepSecret(misplaced[1].slice('Basic '.length));
      assertRefused(await get([basic(other.id, one.secret)]), 401, 'unknown_key');
      assertRefused(await get([misplaced]), 401, 'malformed');
    });

    test('expired: from the instant on, and not before', async () => {
      const { kw } = stage();
      const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
      const { secret } = await stage().issue({ expiresAt });
      assert.equal((await get([bearer(secret)])).status, 200);
      kw.clock.ahead = 3_600_001;
      try {
        assertRefused(await get([bearer(secret)]), 401, 'expired');
      } finally {
        kw.clock.ahead = 0;
      }
    });

    test('inactive while switched off, and allowed again at once', async () => {
      const { kw } = stage();
      const { id, secret } = await stage().issue();
      await kw.call('POST', `/v1/api-keys/${id}/disable`);
      assertRefused(await get([bearer(secret)]), 401, 'inactive');
      await kw.call('POST', `/v1/api-keys/${id}/enable`);
      assert.equal((await get([bearer(secret)])).status, 200);
    });

    test('revoked and deleted: the first request after the call returned is refused', async () => {
      const { kw } = stage();
      for (const [method, suffix] of [
        ['POST', '/revoke'],
        ['DELETE', ''],
      ] as const) {
        const { id, secret } = await stage().issue();
        assert.equal((await get([bearer(secret)])).status, 200);
        assert.equal((await kw.call(method, `/v1/api-keys/${id}${suffix}`)).status, 200);
        assertRefused(await get([bearer(secret)]), 401, 'revoked');
      }
    });

    test("another organization's key is not known", async () => {
      const { kw } = stage();
      const other = await kw.newOrganization('Other');
      const theirs = await setUpGuardedApi(kw, 'orders', other.adminKey);
      const { secret } = await theirs.issue();
      stage().keepSecret(secret, other.adminKey);
      assertRefused(await get([bearer(secret)]), 401, 'unknown_key');
    });
  });

  describe('403', () => {
    test('an endpoint that asks for a scope that the key lacks', async () => {
      const { secret } = await stage().issue();
      const sent = await stage().send('POST', '/orders', [bearer(secret)], '{}');
      assertRefused(sent, 403, 'insufficient_scope');
      assert.match(
        String(sent.headers['www-authenticate']),
        /^Bearer realm="keywright", error="insufficient_scope".*, scope="orders:full"$/,
      );
    });

    test('an endpoint that is not connected, and one that is not there', async () => {
      const keyHeader = bearer((await stage().issue()).secret);
      assertRefused(await get([keyHeader], '/admin'), 403, 'endpoint_not_connected');
      assertRefused(await get([keyHeader], '/orders/1/notes'), 403, 'endpoint_not_connected');
      assertRefused(await get([keyHeader], '/elsewhere'), 403, 'unknown_endpoint');
    });

    test('a key of another environment', async () => {
      const { secret } = await stage().issue({ environment: 'development' });
      assertRefused(await get([bearer(secret)]), 403, 'wrong_environment');
    });

    test('an address outside the IP list, whatever the client says of itself', async () => {
      const outside = await stage().issue({ ipAllowlist: ['203.0.113.0/24'] });
      const inside = await stage().issue({ ipAllowlist: ['127.0.0.0/8'] });
      const claim = ['X-Forwarded-For', 'X-Original-IP', 'X-Real-IP', 'Forwarded', 'CF-Connecting-IP'].map(
        (name) => [name, name === 'Forwarded' ? 'for=203.0.113.5' : '203.0.113.5'] as const,
      );
      assertRefused(await get([bearer(outside.secret)]), 403, 'ip_not_allowed');
      assertRefused(await get([bearer(outside.secret), ...claim]), 403, 'ip_not_allowed');
      assertRefused(await get([bearer(outside.secret), ...claim, ...claim]), 403, 'ip_not_allowed');
      assert.equal((await get([bearer(inside.secret), ...claim])).status, 200);
    });

    test('methods that the API does not have', async () => {
      const keyHeader = bearer((await stage().issue({ scopes: ['orders:full'] })).secret);
      for (const method of ['OPTIONS', 'PUT', 'PROPFIND', 'FOO', 'X-Y']) {
        assertRefused(await stage().send(method, '/orders', [keyHeader]), 403, 'unknown_endpoint');
      }
      for (const method of ['TRACE', 'CONNECT', 'get', 'GET\t']) {
        const sent = await stage().send(method, '/orders', [keyHeader]);
        assert.ok(sent.status >= 400, `${method}: ${sent.status}`);
        assert.deepEqual(sent.reached, []);
      }
    });
  });
});
