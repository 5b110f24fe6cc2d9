import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, test } from 'node:test';
import { ConfigError, readConfig } from '../src/config.ts';

function read(environment: Record<string, string>) {
  const warnings: string[] = [];
  const config = readConfig(environment, (message) => warnings.push(message));
  return { config, warnings };
}

describe('settings', () => {
  test('stand as documented where nothing is set', () => {
    const { config, warnings } = read({});
    assert.deepEqual(
      [config.host, config.port, config.gatewayHost, config.gatewayPort],
      ['127.0.0.1', 3000, '127.0.0.1', 3100],
    );
    assert.ok('path' in config.database && config.database.path.endsWith('/data/keywright.db'));
    assert.deepEqual(config.trustedProxies, ['127.0.0.0/8', '::1']);
    assert.deepEqual(config.metricsFrom, ['127.0.0.0/8', '::1']);
    assert.equal(config.workers, Math.min(8, availableParallelism()));
    assert.deepEqual(warnings, []);
  });

  test('name who may read the metrics, or say that nobody may', () => {
    const from = (text: string) => read({ KEYWRIGHT_METRICS_FROM: text }).config.metricsFrom;
    assert.deepEqual(from('10.0.0.0/8, ::1'), ['10.0.0.0/8', '::1']);
    assert.deepEqual(from('off'), []);
    assert.throws(() => from('prometheus.internal'), /KEYWRIGHT_METRICS_FROM: "prometheus.internal"/);
  });

  test('take 1 to 64 workers and nothing else', () => {
    for (const [text, workers] of [
      ['1', 1],
      ['64', 64],
    ] as const)
      assert.equal(read({ KEYWRIGHT_WORKERS: text }).config.workers, workers);
    for (const text of ['0', '65', '-1', '1.5', '4 ', '1e1', '04', 'auto'])
      assert.throws(
        () => read({ KEYWRIGHT_WORKERS: text }),
        /KEYWRIGHT_WORKERS must be a whole number from 1 to 64/,
      );
  });

  test('take leases of 0.5 to 60 seconds, and an outage refused or answered from the cache for a while', () => {
    assert.deepEqual(read({}).config.lease, { leaseMs: 3_000, graceMs: 0 });
    const chosen = { KEYWRIGHT_LEASE_SECONDS: '1.5', KEYWRIGHT_ON_OUTAGE: 'serve-cached:60' };
    assert.deepEqual(read(chosen).config.lease, { leaseMs: 1_500, graceMs: 60_000 });
    assert.deepEqual(read({ KEYWRIGHT_ON_OUTAGE: 'refuse' }).config.lease.graceMs, 0);
    for (const text of ['0', '0.4', '61', '-1', '3s', '1e1', '3.25']) {
      assert.throws(
        () => read({ KEYWRIGHT_LEASE_SECONDS: text }),
        /KEYWRIGHT_LEASE_SECONDS must be a number/,
        text,
      );
    }
    for (const text of [
      'serve',
      'serve-cached',
      'serve-cached:0',
      'serve-cached:86401',
      'serve-cached:1.5',
    ]) {
      assert.throws(() => read({ KEYWRIGHT_ON_OUTAGE: text }), /KEYWRIGHT_ON_OUTAGE must be refuse/, text);
    }
  });

  test('with the sizes of caches, in megabytes', () => {
    assert.equal(read({}).config.cacheBytes, 256_000_000);
    assert.equal(read({ KEYWRIGHT_CACHE_MB: '0' }).config.cacheBytes, 0);
    for (const text of ['-1', '1.5', '100000', 'all']) {
      assert.throws(
        () => read({ KEYWRIGHT_CACHE_MB: text }),
        /KEYWRIGHT_CACHE_MB must be a whole number/,
        text,
      );
    }
  });

  test('a URL of PostgreSQL takes the place of the embedded database', () => {
    const url = 'postgres://keywright@db.internal/keywright';
    assert.deepEqual(read({ KEYWRIGHT_DATABASE_URL: url }).config.database, { url });
  });

  test('that are wrong are said at once, each by its name, and no value is repeated', () => {
    const wrong = {
      KEYWRIGHT_PORT: '70000',
      KEYWRIGHT_GATEWAY_PORT: 'http',
      KEYWRIGHT_DATABASE_URL: 'mysql://root:hunter2@db/x',
      KEYWRIGHT_PUBLIC_URL: 'keys.example.com',
      KEYWRIGHT_TRUSTED_PROXIES: '10.0.0.0/8,10.1.2.3/8',
      KEYWRIGHT_SECRET_AS_USER_NAME: 'yes',
      KEYWRIGHT_LOG_LEVEL: 'loud',
      KEYWRIGHT_METRICS_FROM: 'anybody',
      KEYWRIGHT_WORKERS: '0',
    };
    assert.throws(
      () => read(wrong),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError);
        const lines = error.message.split('\n');
        assert.equal(lines.length, Object.keys(wrong).length, error.message);
        for (const name of Object.keys(wrong))
          assert.ok(
            lines.some((line) => line.startsWith(name)),
            name,
          );
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      },
    );
  });

  test('with a name that is none get a warning with the nearest known one', () => {
    const { warnings } = read({
      KEYWRIGHT_DATABSE_URL: 'postgres://x',
      KEYWRIGHT_GATEWAYPORT: '1',
      OTHER: '1',
    });
    assert.equal(warnings.length, 2);
    assert.match(String(warnings[0]), /KEYWRIGHT_DATABSE_URL .* nearest one is KEYWRIGHT_DATABASE_URL\./);
    assert.match(String(warnings[1]), /KEYWRIGHT_GATEWAYPORT .* nearest one is KEYWRIGHT_GATEWAY_PORT\./);
  });

  test('that Kubernetes makes for a service called keywright are ignored', () => {
    const { config, warnings } = read({
      KEYWRIGHT_PORT: 'tcp://10.96.0.12:3000',
      KEYWRIGHT_SERVICE_HOST: '10.96.0.12',
      KEYWRIGHT_SERVICE_PORT: '3000',
      KEYWRIGHT_PORT_3000_TCP: 'tcp://10.96.0.12:3000',
      KEYWRIGHT_PORT_3000_TCP_PROTO: 'tcp',
    });
    assert.deepEqual([config.port, warnings], [3000, []]);
  });
});
