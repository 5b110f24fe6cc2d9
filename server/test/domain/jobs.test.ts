import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noteExpiredKeys } from '../../src/domain/api-keys/note-expired-keys.ts';
import { forgetIdempotency } from '../../src/domain/audit/forget-idempotency.ts';
import { trimChangeLog } from '../../src/domain/audit/trim-change-log.ts';
import { issueKey, makeApplication } from '../fixtures.ts';
import { onBothDatabases } from '../harness.ts';

onBothDatabases('jobs', (kw) => {
  test('expired keys are noted, once, and a key that has not expired is not', async () => {
    const application = await makeApplication(kw());
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const expiring = await issueKey(kw(), application.id, { expiresAt });
    const lasting = await issueKey(kw(), application.id);
    const standingOf = async (id: string) => {
      const row = await kw()
        .services.database.read.selectFrom('api_key')
        .select('standing')
        .where('id', '=', id)
        .executeTakeFirst();
      return row?.standing;
    };
    await noteExpiredKeys(kw().services);
    assert.equal(await standingOf(expiring.apiKey.id), 'active');
    kw().clock.ahead += 61_000;
    await noteExpiredKeys(kw().services);
    assert.equal(await standingOf(expiring.apiKey.id), 'expired');
    assert.equal(await standingOf(lasting.apiKey.id), 'active');
    assert.equal(await noteExpiredKeys(kw().services), 0);
  });

  test('a key whose expiry is moved forward again is no longer noted as expired', async () => {
    const application = await makeApplication(kw());
    const inAMinute = () => new Date(Date.now() + kw().clock.ahead + 60_000).toISOString();
    const { apiKey } = await issueKey(kw(), application.id, { expiresAt: inAMinute() });
    kw().clock.ahead += 61_000;
    await noteExpiredKeys(kw().services);
    const patched = await kw().call('PATCH', `/v1/api-keys/${apiKey.id}`, {
      body: { expiresAt: inAMinute() },
    });
    assert.equal(patched.body.status, 'active');
    const list = await kw().call('GET', `/v1/api-keys?status=active&applicationId=${application.id}`);
    assert.deepEqual(
      list.body.data.map((key: { id: string }) => key.id),
      [apiKey.id],
    );
  });

  test('an Idempotency-Key is recognised for a day, and then names a new request', async () => {
    const call = (name: string) =>
      kw().call('POST', '/v1/teams', { body: { name }, headers: { 'Idempotency-Key': 'daily' } });
    const first = await call('Monday');
    kw().clock.ahead += 86_000_000;
    assert.equal((await call('Monday')).body.id, first.body.id);
    assert.equal((await call('Tuesday')).body.code, 'idempotency_key_reused');
    kw().clock.ahead += 500_000;
    const second = await call('Tuesday');
    assert.equal(second.status, 201);
    assert.notEqual(second.body.id, first.body.id);
    assert.equal((await call('Tuesday')).body.id, second.body.id);
    kw().clock.ahead += 90_000_000;
    assert.ok((await forgetIdempotency(kw().services)) >= 1);
    assert.equal(await forgetIdempotency(kw().services), 0);
  });

  test('the change log is kept for hours, and above what any verifier has applied; what is trimmed is below the floor', async () => {
    const { services } = kw();
    const { read, leases } = services.database;
    const application = await makeApplication(kw());
    await trimChangeLog(services);
    const { secret, apiKey } = await issueKey(kw(), application.id);
    const logged = async () => {
      const rows = await read.selectFrom('change_log').select('seq').orderBy('seq').execute();
      return rows.map((row) => Number(row.seq));
    };
    const readCounter = () => read.selectFrom('change_counter').selectAll().executeTakeFirstOrThrow();
    assert.ok((await logged()).length > 0);
    assert.equal(await trimChangeLog(services), 0, 'what is not old is kept');
    const all = await logged();
    kw().clock.ahead += 7 * 3_600_000;

    if (leases !== undefined) {
      const { seq } = await readCounter();
      await leases.table.register({ verifierId: 'vrf_behind', leaseMs: 60_000, graceMs: 0, replaces: [] });
      await services.database.write((tx) =>
        tx
          .updateTable('verifier_lease')
          .set({ applied_seq: seq - 1, handed_seq: seq - 1 })
          .where('verifier_id', '=', 'vrf_behind')
          .execute(),
      );
      await trimChangeLog(services);
      assert.deepEqual([...new Set(await logged())], [seq], 'what one has not applied is kept');
      await leases.table.leave('vrf_behind');
    }

    assert.ok((await trimChangeLog(services)) > 0);
    assert.deepEqual(await logged(), []);
    const { seq, trimmed_to: floor } = await readCounter();
    assert.equal(seq, Math.max(...all));
    assert.equal(floor, seq);
    const verify = async () => (await kw().call('POST', '/v1/verify', { body: { secret } })).body;
    assert.equal((await verify()).allowed, true);
    await kw().call('POST', `/v1/api-keys/${apiKey.id}/revoke`);
    assert.equal((await verify()).reason, 'revoked');
    assert.deepEqual([...new Set(await logged())], [seq + 1]);
  });
});
