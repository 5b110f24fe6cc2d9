import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { gatewayFaults } from '../../src/http/forward-auth/gateway-fault.ts';
import { type Api, issueKey, makeApi, makeApplication } from '../fixtures.ts';
import { onBothDatabases } from '../harness.ts';
import {
  askGateway,
  type GatewayDialect as Dialect,
  type GatewayHeaders as Headers,
  originalHeaders as original,
  startGatewayListener,
  statusAndReason as summary,
} from './gateway-listener.ts';

onBothDatabases('the set-up of a gateway', (kw) => {
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

  describe('403: a gateway that is not set up right', () => {
    const good = () => `api=${api.id}&environment=production`;
    const mistakes: readonly [keyof typeof gatewayFaults, () => string, Headers?][] = [
      ['api_missing', () => 'environment=production'],
      ['api_missing', () => ''],
      ['api_missing', () => 'api=&environment=production'],
      ['api_repeated', () => `${good()}&api=${api.id}`],
      ['api_unknown', () => 'api=api_01jd0c8rkee1t9n9p5mj6x2q7v&environment=production'],
      ['api_unknown', () => `api=${applicationId}&environment=production`],
      ['api_unknown', () => 'api=%00&environment=production'],
      ['api_unknown', () => `api=${api.slug}%00&environment=production`],
      ['api_unknown', () => `api=${'a'.repeat(5_000)}&environment=production`],
      ['api_unknown', () => 'api=%ED%A0%80&environment=production'],
      ['environment_missing', () => `api=${api.id}`],
      ['environment_missing', () => `api=${api.id}&environment=`],
      ['environment_repeated', () => `${good()}&environment=production`],
      ['environment_unknown', () => `api=${api.id}&environment=live`],
      ['parameter_unknown', () => `${good()}&path=/orders`],
      ['parameter_unknown', () => `${good()}&API=x`],
      ['method_not_once', good, { 'X-Original-Method': ['GET', 'GET'] }],
      ['method_not_once', good, { 'X-Original-Method': [] }],
      ['uri_not_once', good, { 'X-Original-URI': ['/orders', '/orders'] }],
      ['uri_not_once', good, { 'X-Original-URI': [] }],
      ['address_not_once', good, { 'X-Original-IP': ['203.0.113.5', '203.0.113.5'] }],
      ['address_not_once', good, { 'X-Original-IP': [] }],
    ];

    test('each mistake denies, and is logged with its remedy once in ten minutes', async () => {
      const { secret } = await issue();
      for (const [fault, query, headers = {}] of mistakes) {
        const timesLogged = () => kw().logged().split(JSON.stringify(gatewayFaults[fault])).length - 1;
        const before = timesLogged();
        kw().clock.ahead += 600_000;
        for (let repeat = 0; repeat < 3; repeat++) {
          const reply = await ask('nginx', { 'X-API-Key': secret, ...headers }, query());
          assert.deepEqual(summary(reply), [403, 'gateway_misconfigured'], fault);
        }
        assert.equal(timesLogged(), before + 1, fault);
      }
      kw().clock.ahead = 0;
      assert.ok(!kw().logged().includes(secret));
      assert.ok(!kw().logged().includes('"level":"error"'), 'a mistake of the gateway is none of ours');
    });

    test('a dialect reads no other header than its own', async () => {
      const { secret } = await issue();
      for (const [dialect, other] of [
        ['nginx', 'caddy'],
        ['caddy', 'nginx'],
      ] as const) {
        const headers = { ...original[other], 'X-API-Key': secret };
        const reply = await askGateway(kw().gatewayUrl, target(dialect), headers);
        assert.deepEqual(summary(reply), [403, 'gateway_misconfigured']);
        const claimed = Object.fromEntries(
          Object.keys(original[other]).map((name) => [name, ['DELETE', '/elsewhere']]),
        );
        assert.equal((await ask(dialect, { ...claimed, 'X-API-Key': secret })).status, 200);
      }
    });
  });

  describe('a peer that is not on this machine', () => {
    test('needs a management key with api_keys:verify of the organization of the API, once', async (t) => {
      const { secret } = await issue();
      const other = await kw().newOrganization('Elsewhere');
      const verifier = await kw().newManagementKey(['api_keys:verify']);
      const revoked = await kw().newManagementKey(['api_keys:verify']);
      const list = await kw().call('GET', '/v1/management-keys?limit=1');
      await kw().call('POST', `/v1/management-keys/${list.body.data[0].id}/revoke`);
      const remote = await startGatewayListener(t, kw(), { peer: '203.0.113.99' });
      const from = (headers: Headers) =>
        askGateway(remote.url, target('nginx'), { ...original.nginx, 'X-API-Key': secret, ...headers });
      assert.equal((await from({ 'Keywright-Verifier': verifier })).status, 200);
      const refused: Headers[] = [
        {},
        { 'Keywright-Verifier': '' },
        { 'Keywright-Verifier': secret },
        { 'Keywright-Verifier': revoked },
        { 'Keywright-Verifier': [verifier, verifier] },
        { 'Keywright-Verifier': `Bearer ${verifier}` },
        { 'Keywright-Verifier': other.adminKey },
        { 'Keywright-Verifier': await kw().newManagementKey(['api_keys:read']) },
        { authorization: `Bearer ${verifier}` },
      ];
      for (const headers of refused) {
        assert.deepEqual(summary(await from(headers)), [403, 'gateway_misconfigured']);
      }
      assert.equal(remote.logged().split(gatewayFaults.verifier_not_authorized).length - 1, 1);
      for (const kept of [secret, verifier, revoked, other.adminKey])
        assert.ok(!remote.logged().includes(kept));
    });

    test('every address of this machine is one that needs none', async (t) => {
      const { secret } = await issue();
      for (const [peer, status] of [
        ['127.0.0.1', 200],
        ['127.8.9.10', 200],
        ['::1', 200],
        ['::ffff:127.0.0.1', 200],
        ['::ffff:203.0.113.99', 403],
        ['10.0.0.1', 403],
        ['fe80::1', 403],
        ['', 403],
      ] as const) {
        const listener = await startGatewayListener(t, kw(), { peer });
        const headers = { ...original.caddy, 'X-API-Key': secret };
        assert.equal((await askGateway(listener.url, target('caddy'), headers)).status, status, peer);
      }
    });
  });
});

onBothDatabases('a gateway that names its API by slug', (kw) => {
  test('a slug names an API while there is one organization, and none from the second on', async () => {
    const api = await makeApi(kw());
    const { id } = await makeApplication(kw(), { connectedTo: [api] });
    const { secret } = await issueKey(kw(), id, { scopes: [`${api.slug}:read`] });
    const bySlug = () =>
      askGateway(kw().gatewayUrl, `/v1/forward-auth/caddy?api=${api.slug}&environment=production`, {
        ...original.caddy,
        'X-API-Key': secret,
      });
    assert.equal((await bySlug()).status, 200);
    await kw().newOrganization('Second');
    assert.deepEqual(summary(await bySlug()), [403, 'gateway_misconfigured']);
  });
});
