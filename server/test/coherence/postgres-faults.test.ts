import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type PostgresCluster, startPostgresCluster } from '../../../scripts/postgres-cluster.ts';
import { appendChanges } from '../../src/coherence/append-changes.ts';
import { waitForVerifiers } from '../../src/coherence/wait-for-verifiers.ts';
import { openDatabase } from '../../src/database/open.ts';
import { installationChain } from '../../src/domain/audit/list-chains.ts';
import { renewEpoch } from '../../src/domain/installation/renew-epoch.ts';
import { UnavailableError } from '../../src/lib/unavailable-error.ts';
import { issueKey, makeApplication } from '../fixtures.ts';
import { type Keywright, startTestKeywright } from '../harness.ts';
import { change, openVerifier, until, type Verifier } from './verifiers.ts';

const lease = { leaseMs: 1_000, graceMs: 0 };

describe('PostgreSQL goes wrong', () => {
  let cluster: PostgresCluster;
  let kw: Keywright;
  let other: Verifier;
  before(async () => {
    cluster = await startPostgresCluster();
    kw = await startTestKeywright('sqlite', {
      KEYWRIGHT_DATABASE_URL: cluster.url,
      KEYWRIGHT_LEASE_SECONDS: '1',
    });
    other = openVerifier(cluster.url, lease);
    await until('A lease', () => other.coherence.isCurrent());
  });
  after(async () => {
    await other?.close();
    await kw?.close();
    await cluster?.stop();
  });
  const newKey = async () => issueKey(kw, (await makeApplication(kw)).id);
  const verdict = async (secret: string) => {
    const { status, body } = await kw.call('POST', '/v1/verify', { body: { secret } });
    return status === 200 ? (body.reason ?? 'allowed') : status;
  };

  test('a writer that stops with the change counter in its hands holds others up for a lease at most: 503, and nothing is changed', async () => {
    const { secret, apiKey } = await newKey();
    const stopped = openDatabase({ url: cluster.url }, () => undefined, lease);
    const holds = Promise.withResolvers<void>();
    const goesOn = Promise.withResolvers<void>();
    const writing = stopped.write(async (tx) => {
      await appendChanges(stopped, tx, [{ kind: 'api_key', id: 'key_stopped' }], 'org_1', 0);
      holds.resolve();
      await goesOn.promise;
    });
    await holds.promise;
    const started = performance.now();
    const refused = await kw.call('POST', `/v1/api-keys/${apiKey.id}/revoke`);
    const took = performance.now() - started;
    if (refused.status === 503) {
      assert.equal(refused.body.code, 'unavailable');
      assert.equal(await verdict(secret), 'allowed', 'nothing was changed');
    } else assert.equal(refused.status, 200, 'the stopped one was ended just before');
    assert.ok(took < 4_000, `${took} ms`);
    await until('It is revoked', async () => {
      const { status } = await kw.call('POST', `/v1/api-keys/${apiKey.id}/revoke`);
      return status === 200;
    });
    assert.ok(performance.now() - started < 10_000);
    assert.equal(await verdict(secret), 'revoked');
    goesOn.resolve();
    await assert.rejects(writing, UnavailableError, 'what it wrote is undone, and it learns so');
    const logged = await kw.services.database.read
      .selectFrom('change_log')
      .select('seq')
      .where('subject', '=', 'key_stopped')
      .execute();
    assert.deepEqual(logged, []);
    await stopped.close();
  });

  test('a crash and a quick start again: verifiers are on the new epoch by themselves; the first change waits about a lease, and no later one', async () => {
    const { secret, apiKey } = await newKey();
    assert.equal(await verdict(secret), 'allowed');
    const { epoch } = other.coherence.state();
    await cluster.crash();
    await cluster.start();
    await until(
      'The new epoch',
      () => other.coherence.state().epoch !== epoch && other.coherence.isCurrent(),
    );
    assert.equal(other.told.at(-1), 'everything');
    let first = await kw.call('POST', `/v1/api-keys/${apiKey.id}/disable`);
    // The connection that it was sent on may have been from before.
    if (first.status === 503) first = await kw.call('POST', `/v1/api-keys/${apiKey.id}/disable`);
    assert.equal(first.status, 200, JSON.stringify(first.body));
    assert.equal(await verdict(secret), 'inactive');
    assert.ok(first.body.propagation.milliseconds < 5_000);
    const second = await kw.call('POST', `/v1/api-keys/${apiKey.id}/enable`);
    assert.ok(second.body.propagation.milliseconds < 950, `${second.body.propagation.milliseconds} ms`);

    // Somebody has watched the epoch for a lease and said so: a process that sees it for the first time need not.
    const command = openDatabase({ url: cluster.url }, () => undefined, lease);
    const seq = await change(command, 'key_command');
    const { milliseconds } = await waitForVerifiers(command, seq);
    assert.ok(milliseconds < 950, `${milliseconds} ms`);
    await command.close();
  });

  test('while the database is away leases run out, but for verifiers that an operator lets answer from memory; when it is back these drop everything too', async () => {
    const patient = openVerifier(cluster.url, { leaseMs: 500, graceMs: 60_000 });
    await until('A lease', () => patient.coherence.isCurrent());
    const { epoch } = patient.coherence.state();
    const told = patient.told.length;
    await cluster.crash();
    await until('The other lease has run out', () => !other.coherence.isCurrent());
    assert.equal(patient.coherence.isCurrent(), true);
    assert.equal(patient.told.length, told);
    await cluster.start();
    await until(
      'The new epoch',
      () => patient.coherence.state().epoch !== epoch && patient.coherence.isCurrent(),
    );
    assert.equal(patient.told.at(-1), 'everything');
    await until('A lease again', () => other.coherence.isCurrent());
    await patient.close();
  });

  test('a verifier that says nothing for a lease is given up then, and its row is gone', async () => {
    const silent = openVerifier(cluster.url, { leaseMs: 500, graceMs: 0 });
    await until('A lease', () => silent.coherence.isCurrent());
    // What SIGSTOP does to it: it says nothing more, and its row stays.
    const { leases } = silent.database;
    assert.ok(leases);
    await silent.coherence.close();
    await leases.table.register({ verifierId: 'vrf_silent', leaseMs: 500, graceMs: 0, replaces: [] });
    const seq = await change(kw.services.database, 'key_silence');
    const { milliseconds, verifiers } = await waitForVerifiers(kw.services.database, seq);
    assert.ok(milliseconds >= 525 && milliseconds < 3_000, `${milliseconds} ms`);
    assert.equal(verifiers, 2);
    assert.equal(await leases.table.renew('vrf_silent'), undefined);
    await silent.database.close();
  });

  test('where an operator chose availability, the answer names who may be stale and until when', async () => {
    const { leases } = kw.services.database;
    assert.ok(leases);
    await leases.table.register({
      verifierId: 'vrf_cut_off',
      leaseMs: 500,
      graceMs: 60_000,
      replaces: [],
    });
    const { apiKey } = await newKey();
    for (const verb of ['disable', 'enable']) {
      const { body } = await kw.call('POST', `/v1/api-keys/${apiKey.id}/${verb}`);
      assert.equal(body.propagation.staleVerifiers, 1);
      const ahead = Date.parse(body.propagation.staleUntil) - Date.now();
      assert.ok(ahead > 50_000 && ahead < 61_000, `${ahead} ms`);
    }
    await leases.table.leave('vrf_cut_off');
    const { body } = await kw.call('POST', `/v1/api-keys/${apiKey.id}/disable`);
    assert.equal(body.propagation.staleUntil, undefined);
  });

  test('a dump that is restored under running nodes: what was made since is unknown, what was changed since is as it was', async () => {
    const kept = await newKey();
    // In the cluster's own folder, which goes with it.
    await cluster.run('pg_dump', ['--format=custom', '--file=a.dump', `--dbname=${cluster.url}`]);
    const { epoch } = other.coherence.state();
    const made = await newKey();
    assert.equal(await verdict(made.secret), 'allowed');
    assert.equal((await kw.call('POST', `/v1/api-keys/${kept.apiKey.id}/disable`)).status, 200);
    assert.equal(await verdict(kept.secret), 'inactive');

    // As one transaction, which nodes at work may make fail: then nothing of it is done, and it is done again.
    const restore = ['--clean', '--if-exists', '--single-transaction', `--dbname=${cluster.url}`, 'a.dump'];
    await until('The dump is restored', () =>
      cluster.run('pg_restore', restore).then(
        () => true,
        () => false,
      ),
    );
    await until('The restore is made known', async () => {
      try {
        await renewEpoch(kw.ctx(installationChain), undefined);
        return true;
      } catch {
        return false;
      }
    });
    assert.equal(await verdict(made.secret), 'unknown_key');
    assert.equal(await verdict(kept.secret), 'allowed');
    await until('The new epoch', () => other.coherence.state().epoch !== epoch);
  });
});
