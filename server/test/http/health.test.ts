import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Database } from '../../src/database/database.ts';
import { readReadiness } from '../../src/http/read-readiness.ts';
import { onBothDatabases, startTestKeywright } from '../harness.ts';

onBothDatabases('GET /readyz', (kw, kind) => {
  it('200: tells what the process stands on, to anybody, and keeps no cache from asking again', async () => {
    const { status, headers, body } = await kw().call('GET', '/readyz', { key: null });
    assert.equal(status, 200);
    assert.equal(headers.get('cache-control'), 'no-store');
    const { appliedChange, lease, ...rest } = body;
    assert.deepEqual(rest, {
      status: 'ready',
      database: { kind, answers: true },
      peppers: { hasActive: true },
      worker: { number: 1, count: 1, serving: 1 },
    });
    assert.ok(Number.isInteger(appliedChange), String(appliedChange));
    if (kind === 'sqlite') assert.equal(lease, null);
    else assert.ok(lease.remainingMilliseconds > 0 && lease.remainingMilliseconds <= 3_000);
  });

  it('names nobody and no secret', async () => {
    const { adminKey, organizationId } = kw();
    const { body } = await kw().call('GET', '/readyz', { key: null });
    const text = JSON.stringify(body);
    assert.ok(!text.includes(organizationId) && !text.includes(adminKey));
    assert.doesNotMatch(text, /postgres:\/\/|\/tmp\/|[a-z]+_[0-9a-z]{26}/);
  });
});

describe('GET /readyz', () => {
  it('503: says that the database does not answer', async () => {
    const kw = await startTestKeywright('sqlite');
    try {
      await kw.services.database.close();
      const { status, body } = await kw.call('GET', '/readyz', { key: null });
      assert.equal(status, 503);
      assert.equal(body.status, 'not_ready');
      assert.deepEqual(body.database, { kind: 'sqlite', answers: false });
      assert.deepEqual(body.peppers, { hasActive: null });
    } finally {
      await kw.close();
    }
  });

  it('503: says that the pepper that new secrets use is not at hand', async () => {
    const kw = await startTestKeywright('sqlite');
    try {
      await kw.services.database.write((tx) =>
        tx
          .insertInto('pepper')
          .values({ version: 2, fingerprint: 'x', created_at: 1, activated_at: 1, retired_at: null })
          .execute(),
      );
      const { status, body } = await kw.call('GET', '/readyz', { key: null });
      assert.equal(status, 503);
      assert.deepEqual([body.database.answers, body.peppers], [true, { hasActive: false }]);
    } finally {
      await kw.close();
    }
  });

  it('stays ready while the database is away only where an operator chose to answer from memory, and while that lasts', async () => {
    const statusOf = async (graceMs: number, leaseRemainingMs: number, isStopping = false) => {
      const database = { kind: 'postgres', leases: { settings: { leaseMs: 3_000, graceMs } } } as Database;
      const { status, lease } = await readReadiness({
        // Whatever is read of it fails.
        services: { database, peppers: new Map() },
        coherence: { state: () => ({ applied: 7, leaseRemainingMs, epoch: 'e' }) },
        isStopping,
        worker: { number: 1, count: 1, serving: 1 },
      });
      return [status, lease?.remainingMilliseconds];
    };
    assert.deepEqual(await statusOf(0, 2_000), ['not_ready', 2_000]);
    assert.deepEqual(await statusOf(60_000, 2_000), ['ready', 2_000]);
    assert.deepEqual(await statusOf(60_000, 0), ['not_ready', 0]);
    assert.deepEqual(await statusOf(60_000, 2_000, true), ['not_ready', 2_000]);
  });
});
