import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { UnavailableError } from '../../src/lib/unavailable-error.ts';
import { type Api, issueKey, makeApi, makeApplication } from '../fixtures.ts';
import { onBothDatabases } from '../harness.ts';
import {
  askGateway,
  type GatewayDialect as Dialect,
  dialects,
  type GatewayHeaders as Headers,
  originalHeaders as original,
  startGatewayListener,
  statusAndReason as summary,
} from './gateway-listener.ts';

onBothDatabases('forward auth', (kw) => {
  let api: Api;
  let applicationId: string;
  let scopes: string[];
  before(async () => {
    api = await makeApi(kw());
    applicationId = (await makeApplication(kw(), { connectedTo: [api] })).id;
    scopes = [`${api.slug}:read`];
  });

  const target = (dialect: Dialect, query = `api=${api.id}&environment=production`) =>
    `/v1/forward-auth/${dialect}?${query}`;
  const ask = (dialect: Dialect, headers: Headers, query?: string) =>
    askGateway(kw().gatewayUrl, target(dialect, query), { ...original[dialect], ...headers });
  const issue = (fields: Record<string, unknown> = {}) =>
    issueKey(kw(), applicationId, { scopes, ...fields });

  describe('200', () => {
    test('all identity headers are there, empty where there is nothing to say, whatever the method', async () => {
      const { apiKey, secret } = await issue();
      for (const dialect of dialects) {
        for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS', 'PROPFIND']) {
          const { status, headers, body } = await askGateway(
            kw().gatewayUrl,
            target(dialect),
            { ...original[dialect], authorization: `Bearer ${secret}` },
            method,
          );
          assert.deepEqual([status, body], [200, '']);
          const identity = Object.entries(headers).filter(([name]) => name.startsWith('x-auth-'));
          assert.deepEqual(Object.fromEntries(identity), {
            'x-auth-key-id': apiKey.id,
            'x-auth-application-id': applicationId,
            'x-auth-organization-id': kw().organizationId,
            'x-auth-environment': 'production',
            'x-auth-scopes': scopes[0],
            'x-auth-profile-id': '',
            'x-auth-profile': '',
            'x-auth-omitted': '',
          });
          assert.equal(headers['cache-control'], 'no-store');
        }
      }
    });

    test('the use is noted with the address and program of the client, not of the gateway', async () => {
      const { apiKey, secret } = await issue();
      await ask('nginx', { 'X-API-Key': secret, 'User-Agent': 'client/1' });
      let read = await kw().call('GET', `/v1/api-keys/${apiKey.id}`);
      for (let tries = 0; tries < 200 && read.body.lastUsedAt === null; tries++) {
        await pause(25);
        read = await kw().call('GET', `/v1/api-keys/${apiKey.id}`);
      }
      assert.deepEqual([read.body.lastUsedIp, read.body.lastUsedUserAgent], ['203.0.113.5', 'client/1']);
    });

    test('a path in UTF-8 is the path that it is sent as', async () => {
      const { secret } = await issue();
      const utf8 = Buffer.from('/orders/é').toString('latin1');
      const passed = await ask('nginx', { 'X-API-Key': secret, 'X-Original-URI': utf8 });
      assert.equal(passed.status, 200);
      const refused = await ask('nginx', { 'X-API-Key': secret, 'X-Original-URI': '/orders/\u00e9' });
      assert.deepEqual(summary(refused), [403, 'unknown_endpoint']);
    });

    test('the secret as user name only where an operator switched it on', async (t) => {
      const { secret } = await issue();
      const authorization = `Basic ${Buffer.from(`${secret}:`).toString('base64')}`;
      assert.deepEqual(summary(await ask('nginx', { authorization })), [401, 'malformed']);
      const switchedOn = await startGatewayListener(t, kw(), { secretAsUserName: true });
      const headers = { ...original.nginx, authorization };
      assert.equal((await askGateway(switchedOn.url, target('nginx'), headers)).status, 200);
    });
  });

  test('401 up to inactive, 403 after it; a challenge goes with each 401 and with a missing scope', async () => {
    const closed = await issue();
    await kw().call('POST', `/v1/api-keys/${closed.apiKey.id}/disable`);
    const gone = await issue();
    await kw().call('POST', `/v1/api-keys/${gone.apiKey.id}/revoke`);
    const good = (await issue()).secret;
    const elsewhere = await makeApi(kw());
    const cases: [number, string, Headers, string?][] = [
      [401, 'not_presented', {}],
      [401, 'malformed', { authorization: 'Bearer x' }],
      [401, 'malformed', { authorization: [`Bearer ${good}`, `Bearer ${good}`] }],
      [401, 'malformed', { authorization: `Bearer ${good}`, 'X-API-Key': good }],
      [401, 'unknown_key', { authorization: `Basic ${Buffer.from(`key_x:${good}`).toString('base64')}` }],
      [401, 'revoked', { 'X-API-Key': gone.secret }],
      [401, 'inactive', { 'X-API-Key': closed.secret }],
      [403, 'wrong_environment', { 'X-API-Key': good }, `api=${api.id}&environment=staging`],
      [403, 'ip_not_allowed', { 'X-API-Key': (await issue({ ipAllowlist: ['198.51.100.0/24'] })).secret }],
      [403, 'unknown_endpoint', { 'X-API-Key': good, 'X-Original-URI': '/elsewhere' }],
      [403, 'unknown_endpoint', { 'X-API-Key': good, 'X-Original-URI': '' }],
      [403, 'unknown_endpoint', { 'X-API-Key': good, 'X-Original-Method': '' }],
      [403, 'endpoint_not_connected', { 'X-API-Key': good }, `api=${elsewhere.id}&environment=production`],
      [403, 'insufficient_scope', { 'X-API-Key': (await issue({ scopes: [] })).secret }],
    ];
    for (const [status, reason, headers, query] of cases) {
      const reply = await ask('nginx', headers, query);
      assert.deepEqual(summary(reply), [status, reason]);
      const { title, detail, requestId, ...problem } = JSON.parse(reply.body);
      assert.deepEqual(problem, {
        type: 'about:blank',
        status,
        code: reason,
        instance: '/v1/forward-auth/nginx',
      });
      assert.match(`${title}: ${detail}`, /^[A-Z][a-z ]+: [A-Z].*\.$/);
      assert.match(requestId, /^req_[0-9a-z]{26}$/);
      assert.equal(reply.headers['x-request-id'], requestId);
      const challenge = reply.headers['www-authenticate'];
      if (reason === 'not_presented') assert.equal(challenge, 'Bearer realm="keywright"');
      else if (status === 401)
        assert.match(String(challenge), /^Bearer realm="keywright", error="invalid_token", /);
      else if (reason === 'insufficient_scope') {
        assert.equal(
          challenge,
          `Bearer realm="keywright", error="insufficient_scope", error_description="This API key lacks a scope that this endpoint needs.", scope="${api.slug}:read"`,
        );
      } else assert.equal(challenge, undefined);
      assert.ok(Object.keys(reply.headers).every((name) => !/^x-auth-(?!reason)/.test(name)));
    }
  });

  test('the API decides the organization: a key of another one is not known there', async () => {
    const other = await kw().newOrganization('Other');
    const theirs = await makeApi(kw(), other.adminKey);
    const { secret } = await issue();
    const reply = await ask('caddy', { 'X-API-Key': secret }, `api=${theirs.id}&environment=production`);
    assert.deepEqual(summary(reply), [401, 'unknown_key']);
  });

  test('a second copy of a key is seen behind 2,500 other headers', async () => {
    const { secret } = await issue();
    const many = Object.fromEntries(Array.from({ length: 2_500 }, (_, index) => [index.toString(36), '']));
    const headers = { 'X-API-Key': secret, ...many };
    assert.equal((await ask('nginx', headers)).status, 200);
    const doubled = await ask('nginx', { ...headers, authorization: `Bearer ${secret}` });
    assert.deepEqual(summary(doubled), [401, 'malformed']);
  });

  test('503 to Caddy, and to nginx as a 403 that says so, where no decision can be made; one line is logged', async (t) => {
    const { secret } = await issue();
    for (const [error, kind] of [
      [new UnavailableError('test_outage'), 'test_outage'],
      [new TypeError(`a bug that quotes nothing`), 'TypeError'],
    ] as const) {
      const listener = await startGatewayListener(t, kw(), {
        verifier: { verify: () => Promise.reject(error) },
      });
      for (let repeat = 0; repeat < 20; repeat++) {
        const nginx = await askGateway(listener.url, target('nginx'), {
          ...original.nginx,
          'X-API-Key': secret,
        });
        assert.deepEqual(summary(nginx), [403, 'unavailable']);
        assert.deepEqual([nginx.headers['x-auth-status'], nginx.headers['retry-after']], ['503', '1']);
        const caddy = await askGateway(listener.url, target('caddy'), {
          ...original.caddy,
          'X-API-Key': secret,
        });
        assert.deepEqual(summary(caddy), [503, 'unavailable']);
        assert.deepEqual([caddy.headers['x-auth-status'], caddy.headers['retry-after']], [undefined, '1']);
      }
      assert.equal(listener.logged().trim().split('\n').length, 1);
      assert.match(listener.logged(), /"requestId":"req_[0-9a-z]{26}"/);
      assert.match(listener.logged(), new RegExp(kind));
    }
  });

  test('decisions are not logged', async () => {
    const { secret } = await issue();
    const before = kw().logged();
    for (let repeat = 0; repeat < 20; repeat++) {
      await ask('nginx', { 'X-API-Key': secret });
      await ask('caddy', { 'X-API-Key': 'unknown' });
    }
    assert.equal(kw().logged().slice(before.length), '');
  });

  test('404 for all else, and /healthz', async () => {
    const health = await askGateway(kw().gatewayUrl, '/healthz');
    assert.deepEqual([health.status, health.body], [200, '{"status":"ok"}']);
    const query = `?api=${api.id}&environment=production`;
    for (const path of [
      '/',
      '/v1/teams',
      '/openapi.json',
      `/v1/forward-auth${query}`,
      `/v1/forward-auth/${query}`,
      `/v1/forward-auth/traefik${query}`,
      `/v1/forward-auth/NGINX${query}`,
      `/v1/forward-auth/nginx/${query}`,
      `//v1/forward-auth/nginx${query}`,
      `/v1/forward-auth/%6eginx${query}`,
      `/v1/forward-auth/constructor${query}`,
    ]) {
      const { status, body } = await askGateway(kw().gatewayUrl, path, original.nginx);
      assert.deepEqual([status, JSON.parse(body).code], [404, 'not_found'], path);
    }
  });
});
