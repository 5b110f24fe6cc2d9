import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { createMetricsAnswer } from '../../src/http/metrics/answer-metrics.ts';
import { issueKey, makeApi, makeApplication, verify } from '../fixtures.ts';
import { onBothDatabases, startTestKeywright } from '../harness.ts';
import { askGateway, startGatewayListener } from '../http/gateway-listener.ts';
import { parseExposition, sumOf } from './parse-exposition.ts';

async function scrape(gatewayUrl: string) {
  const response = await fetch(`${gatewayUrl}/metrics`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const text = await response.text();
  return { text, families: parseExposition(text) };
}

onBothDatabases('GET /metrics', (kw, kind) => {
  it('is what Prometheus reads, and counts verifications by their outcome', async () => {
    const { id } = await makeApplication(kw());
    const { apiKey, secret } = await issueKey(kw(), id);
    const before = (await scrape(kw().gatewayUrl)).families;
    for (let time = 0; time < 3; time += 1) await verify(kw(), { secret });
    await verify(kw(), { secret, environment: 'development' });
    await verify(kw(), { secret: 'no key at all' });
    await kw().call('POST', `/v1/api-keys/${apiKey.id}/revoke`);
    await verify(kw(), { secret });
    const after = (await scrape(kw().gatewayUrl)).families;
    const grown = (name: string, labels: Record<string, string> = {}) =>
      sumOf(after, name, labels) - sumOf(before, name, labels);
    const outcomes = ['allowed', 'wrong_environment', 'malformed', 'revoked', 'expired', 'unavailable'];
    assert.deepEqual(
      outcomes.map((outcome) => grown('keywright_verifications_total', { outcome })),
      [3, 1, 1, 1, 0, 0],
    );
    const requests = 'keywright_http_request_duration_seconds_count';
    assert.equal(grown(requests, { listener: 'api', method: 'POST', route: '/v1/verify', status: '200' }), 6);
    assert.equal(grown(requests, { route: '/v1/api-keys/:id/revoke', status: '200' }), 1);
    // SQLite's verifiers look for themselves: there is nobody to wait for.
    const waits = grown('keywright_barrier_duration_seconds_count');
    assert.equal(waits, kind === 'postgres' ? 1 : 0);
    assert.ok(grown('keywright_http_request_duration_seconds_sum', { route: '/v1/verify' }) > 0);
  });

  it('tells of caches, of what was applied, and of uses that are not written yet', async () => {
    const { id } = await makeApplication(kw());
    const { secret } = await issueKey(kw(), id);
    const before = (await scrape(kw().gatewayUrl)).families;
    for (let time = 0; time < 4; time += 1) await verify(kw(), { secret });
    const { families } = await scrape(kw().gatewayUrl);
    assert.ok(sumOf(families, 'keywright_uses_waiting') > 0);
    const grown = (name: string) =>
      sumOf(families, name, { cache: 'keys' }) - sumOf(before, name, { cache: 'keys' });
    assert.deepEqual([grown('keywright_cache_misses_total'), grown('keywright_cache_hits_total')], [1, 3]);
    assert.equal(grown('keywright_cache_entries'), 1);
    const bytes = grown('keywright_cache_bytes');
    assert.ok(bytes > 100 && bytes < 2_000, String(bytes));
    assert.ok(sumOf(families, 'keywright_cache_hits_total', { cache: 'management_keys' }) > 0);
    assert.ok(sumOf(families, 'keywright_applied_change') > 0);
    const lease = families.get('keywright_lease_remaining_seconds')?.samples ?? [];
    assert.equal(lease.length, kind === 'postgres' ? 1 : 0);
    for (const { value } of lease) assert.ok(value > 0 && value <= 3, String(value));
    assert.equal(sumOf(families, 'keywright_workers_serving'), 1);
    assert.ok(sumOf(families, 'process_resident_memory_bytes') > 10_000_000);
    assert.ok((families.get('nodejs_eventloop_lag_p99_seconds')?.samples ?? []).length === 1);
  });

  it('counts what gateways ask, by status', async () => {
    const api = await makeApi(kw());
    const path = '/v1/forward-auth/nginx';
    await askGateway(kw().gatewayUrl, `${path}?api=${api.id}&environment=production`, {
      'X-Original-Method': 'GET',
      'X-Original-URI': '/orders',
      'X-Original-IP': '203.0.113.5',
    });
    const { families } = await scrape(kw().gatewayUrl);
    const labels = { listener: 'gateway', method: '*', route: path, status: '401' };
    assert.equal(sumOf(families, 'keywright_http_request_duration_seconds_count', labels), 1);
  });

  it('names nobody: no id, no secret, nothing of a path, a query or a method that a client made up', async () => {
    const { id } = await makeApplication(kw());
    const { apiKey, secret } = await issueKey(kw(), id);
    await verify(kw(), { secret });
    await kw().call('GET', `/v1/api-keys/${apiKey.id}?secret=${secret}`);
    await kw().call('GET', `/nothing/${secret}`);
    await kw().call('PURGE', '/v1/api-keys');
    const { text, families } = await scrape(kw().gatewayUrl);
    for (const word of [
      secret,
      secret.slice(8, 20),
      kw().adminKey,
      apiKey.id,
      id,
      kw().organizationId,
      'nothing/',
    ])
      assert.ok(!text.includes(word), word);
    // No TypeID, and no other long run of letters and digits.
    assert.doesNotMatch(text, /\b[a-z]+_[0-9a-hjkmnp-tv-z]{26}\b|[A-Za-z0-9]{32}/);
    const routes = families.get('keywright_http_request_duration_seconds')?.samples ?? [];
    assert.ok(routes.some(({ labels }) => labels.route === 'none' && labels.status === '404'));
    assert.ok(
      routes.every(({ labels }) => labels.route === 'none' || /^\/[a-z0-9/:.-]+$/i.test(labels.route ?? '')),
    );
  });

  it('is not on the API, which is published', async () => {
    assert.equal((await kw().call('GET', '/metrics')).status, 404);
  });
});

describe('GET /metrics', () => {
  it('is there for those whom KEYWRIGHT_METRICS_FROM names, whatever a header says, and for nobody else', async (t) => {
    const kw = await startTestKeywright('sqlite');
    t.after(() => kw.close());
    const given = { metricsFrom: ['10.1.0.0/16', '::1'], readMetrics: async () => 'a 1\n' };
    const ask = async (peer: string, method = 'GET', metricsFrom = given.metricsFrom) => {
      const { url } = await startGatewayListener(t, kw, { ...given, metricsFrom, peer });
      return askGateway(url, '/metrics', { 'X-Forwarded-For': '10.1.2.3' }, method);
    };
    for (const peer of ['10.1.2.3', '::ffff:10.1.2.3', '::1'])
      assert.deepEqual([(await ask(peer)).status, (await ask(peer)).body], [200, 'a 1\n'], peer);
    for (const peer of ['10.2.0.1', '127.0.0.1', '203.0.113.5', 'fe80::1'])
      assert.equal((await ask(peer)).status, 404, peer);
    assert.equal((await ask('10.1.2.3', 'POST')).status, 404);
    assert.equal((await ask('::1', 'GET', [])).status, 404);
  });

  it('503 without a word where it cannot be gathered, and the log says why', async (t) => {
    const kw = await startTestKeywright('sqlite');
    t.after(() => kw.close());
    const readMetrics = async () => Promise.reject(new Error('too slow'));
    const { url, logged } = await startGatewayListener(t, kw, { metricsFrom: ['127.0.0.1'], readMetrics });
    assert.deepEqual((({ status, body }) => [status, body])(await askGateway(url, '/metrics')), [503, '']);
    assert.match(logged(), /the metrics could not be gathered/);
  });

  it('gathers once for all who ask at once, and anew for whoever comes later', async () => {
    const asked: ((text: string) => void)[] = [];
    const readMetrics = () => new Promise<string>((resolve) => asked.push(resolve));
    const answer = createMetricsAnswer(readMetrics, ['127.0.0.1'], () => assert.fail());
    const request = { method: 'GET', socket: { remoteAddress: '127.0.0.1' } as Socket };
    const together = [answer(request), answer(request)];
    assert.equal(asked.length, 1);
    asked[0]?.('a 1\n');
    assert.deepEqual(
      (await Promise.all(together)).map((answered) => answered?.body),
      ['a 1\n', 'a 1\n'],
    );
    void answer(request);
    assert.equal(asked.length, 2);
  });
});
