import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type PostgresCluster,
  type Standby,
  startPostgresCluster,
} from '../../../scripts/postgres-cluster.ts';
import { checkPostgres } from '../../src/cli/doctor/check-postgres.ts';
import { issueKey, makeApplication } from '../fixtures.ts';
import { type Keywright, startTestKeywright } from '../harness.ts';
import { until } from './verifiers.ts';

// Where PostgreSQL fails over to a replica that follows asynchronously, a revocation that has returned can itself be lost:
// no cache can mend that, and the promise is not made there. What is promised is that it is noticed.

let cluster: PostgresCluster;
let standby: Standby;
let kw: Keywright;
before(async () => {
  cluster = await startPostgresCluster();
  standby = await cluster.addStandby();
  kw = await startTestKeywright('sqlite', {
    KEYWRIGHT_DATABASE_URL: cluster.url,
    KEYWRIGHT_LEASE_SECONDS: '1',
  });
});
after(async () => {
  await kw?.close();
  await cluster?.stop();
});

test('an asynchronous standby is warned of, and its promotion noticed: everything is dropped, and what is answered is what the new primary knows', async () => {
  const { leases } = kw.services.database;
  assert.ok(leases);
  const { secret, apiKey } = await issueKey(kw, (await makeApplication(kw)).id);
  const verdict = async () => {
    const { status, body } = await kw.call('POST', '/v1/verify', { body: { secret } });
    return status === 200 ? (body.reason ?? 'allowed') : status;
  };
  assert.equal(await verdict(), 'allowed');

  const findings = await checkPostgres(cluster.url, Date.now, async () => []);
  const warning = findings.find(({ what }) => /asynchronous/.test(what));
  assert.equal(warning?.status, 'hint');
  assert.match(warning?.remedy ?? '', /synchronous_standby_names/);

  const flushed = async () => (await cluster.run('psql', ['-Atd', cluster.url, '-c', replayed])).trim();
  await until('The standby has all so far', async () => (await flushed()) === 't');
  const { epoch: old } = await leases.table.look();
  await standby.stop();
  const revoked = await kw.call('POST', `/v1/api-keys/${apiKey.id}/revoke`);
  assert.equal(revoked.status, 200);
  assert.equal(revoked.body.propagation.verifiers, 1);
  assert.equal(await verdict(), 'revoked');

  await cluster.crash();
  await standby.takeOver();
  // Within its lease it may go on with what it has; then it is told.
  await until(
    'The new history, in which there was no revocation',
    async () => (await verdict()) === 'allowed',
  );
  const { epoch } = await leases.table.look();
  assert.notEqual(epoch, old);

  const again = await kw.call('POST', `/v1/api-keys/${apiKey.id}/revoke`);
  assert.equal(again.status, 200, JSON.stringify(again.body));
  assert.equal(await verdict(), 'revoked');
});

const replayed =
  'select coalesce(bool_and(replay_lsn = pg_current_wal_lsn()), false) from pg_stat_replication';
