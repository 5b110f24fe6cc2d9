import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { appendChanges } from '../../src/coherence/append-changes.ts';
import type { LeaseTable } from '../../src/database/coordination.ts';
import type { Database } from '../../src/database/database.ts';
import { migrate } from '../../src/database/migrate.ts';
import { openDatabase } from '../../src/database/open.ts';
import { createWakeUps } from '../../src/database/postgres-wake-ups.ts';
import { createPostgresDatabase } from '../harness.ts';

const asked = { leaseMs: 3_000, graceMs: 0, replaces: [] };

describe('leases in PostgreSQL', () => {
  let made: Awaited<ReturnType<typeof createPostgresDatabase>>;
  let database: Database;
  let leases: LeaseTable;
  /** Another client, for transactions that are held open. */
  let other: pg.Client;
  before(async () => {
    made = await createPostgresDatabase();
    database = openDatabase({ url: made.url }, () => undefined);
    await migrate(database, Date.now);
    assert.ok(database.leases);
    leases = database.leases.table;
    other = new pg.Client({ connectionString: made.url });
    await other.connect();
  });
  after(async () => {
    await other?.end();
    await database?.close();
    await made?.drop();
  });
  const change = (subject: string) =>
    database.write((tx) => appendChanges(database, tx, [{ kind: 'api_key', id: subject }], 'org_1', 0));

  test('a renewal hands out what was logged since, with the number up to which; the next is refused until that is acknowledged', async () => {
    const { seq, epoch, isSettled } = await leases.register({ verifierId: 'vrf_a', ...asked });
    assert.equal(isSettled, true, 'a new database has had no verifier before');
    const empty = await leases.renew('vrf_a');
    assert.deepEqual([empty?.seq, empty?.appliedSeq, empty?.changes], [seq, seq, []]);
    await change('key_1');
    const last = await change('key_2');
    const handed = await leases.renew('vrf_a');
    assert.equal(handed?.epoch, epoch);
    assert.equal(handed?.seq, last);
    assert.deepEqual(handed?.changes, [
      { seq: last - 1, kind: 'api_key', subject: 'key_1', organizationId: 'org_1' },
      { seq: last, kind: 'api_key', subject: 'key_2', organizationId: 'org_1' },
    ]);
    assert.ok(Math.abs((handed?.databaseTime ?? 0) - Date.now()) < 5_000);
    assert.equal(await leases.renew('vrf_a'), undefined);
    assert.equal(await leases.acknowledge('vrf_a', last - 1), false);
    assert.equal(await leases.acknowledge('vrf_a', last), true);
    assert.equal(await leases.acknowledge('vrf_a', last), true);
    assert.equal((await leases.renew('vrf_a'))?.appliedSeq, last);
    await leases.leave('vrf_a');
    assert.equal(await leases.renew('vrf_a'), undefined);
    assert.equal(await leases.acknowledge('vrf_a', last), false);
  });

  test('a burst of changes is handed out as too many', async () => {
    await leases.register({ verifierId: 'vrf_b', ...asked });
    const subjects = Array.from({ length: 5_001 }, (_, index) => ({ kind: 'api_key', id: `key_${index}` }));
    await database.write((tx) => appendChanges(database, tx, subjects, 'org_1', 0));
    assert.equal((await leases.renew('vrf_b'))?.changes, 'too many');
    await leases.leave('vrf_b');
  });

  test('registering anew takes the old row away in the same statement', async () => {
    await leases.register({ verifierId: 'vrf_c', ...asked });
    await leases.register({ verifierId: 'vrf_d', ...asked, replaces: ['vrf_c', 'vrf_never'] });
    assert.deepEqual(
      (await leases.look()).rows.map(({ verifierId }) => verifierId),
      ['vrf_d'],
    );
    await leases.leave('vrf_d');
  });

  test('a row is removed only as it was seen: the removal waits for a renewal under way, and then leaves the row', async () => {
    await leases.register({ verifierId: 'vrf_e', ...asked });
    await other.query('begin');
    await other.query("update verifier_lease set renewals = renewals + 1 where verifier_id = 'vrf_e'");
    let isOver = false;
    const removal = leases.remove('vrf_e', 0).then(() => {
      isOver = true;
    });
    await waitsForLock(other);
    assert.equal(isOver, false);
    await other.query('commit');
    await removal;
    const [row] = (await leases.look()).rows;
    assert.deepEqual([row?.verifierId, row?.renewals], ['vrf_e', 1]);
    await leases.remove('vrf_e', 1);
    assert.deepEqual((await leases.look()).rows, []);
  });

  test('one that may be stale for a while stays on record, and neither renews nor acknowledges', async () => {
    const { seq } = await leases.register({ verifierId: 'vrf_f', ...asked, graceMs: 60_000 });
    const next = await change('key_3');
    assert.equal((await leases.renew('vrf_f'))?.seq, next);
    await leases.remove('vrf_f', 1);
    const { rows, databaseTime } = await leases.look();
    assert.equal(rows[0]?.appliedSeq, seq);
    assert.ok(Math.abs((rows[0]?.staleUntil ?? 0) - databaseTime - 60_000) < 5_000);
    assert.equal(await leases.acknowledge('vrf_f', next), false);
    assert.equal(await leases.renew('vrf_f'), undefined);
    await leases.register({ verifierId: 'vrf_g', ...asked, replaces: ['vrf_f'] });
    assert.equal((await leases.look()).rows.length, 1);
    await leases.leave('vrf_g');
  });

  test('a registration that is answered with an older number than is committed by then is handed the difference', async () => {
    // The counter moves in a transaction that commits between the snapshot of the registration and its end.
    await other.query('begin');
    await other.query('update lease_epoch set longest_lease_ms = longest_lease_ms');
    const before = (await leases.look()).seq;
    const registering = leases.register({ verifierId: 'vrf_h', ...asked, leaseMs: 3_001 });
    await waitsForLock(other);
    const committed = await change('key_4');
    assert.deepEqual((await leases.look()).rows, [], 'a barrier sees no row yet');
    await other.query('commit');
    assert.equal((await registering).seq, before);
    const handed = await leases.renew('vrf_h');
    assert.deepEqual([handed?.appliedSeq, handed?.seq], [before, committed]);
    await leases.leave('vrf_h');
  });

  test('an epoch that is watched out is settled for everyone; another one is not settled by it', async () => {
    const { epoch } = await leases.look();
    await other.query("update installation set value = 'another life' where name = 'epoch'");
    const renewed = await leases.look();
    assert.notEqual(renewed.epoch, epoch);
    assert.equal(renewed.isSettled, false);
    await leases.settle(epoch);
    assert.equal((await leases.look()).isSettled, false);
    await leases.settle(renewed.epoch);
    assert.equal((await leases.look()).isSettled, true);
  });

  test('tables that were emptied or made anew are another epoch', async () => {
    const { epoch } = await leases.look();
    await other.query('truncate verifier_lease');
    assert.notEqual((await leases.look()).epoch, epoch);
  });

  test('a wake-up reaches every listener, this process’s at once', async () => {
    const second = openDatabase({ url: made.url }, () => undefined);
    const woken = { here: 0, there: 0 };
    const heard = Promise.withResolvers<void>();
    const listening = [
      leases.listen(() => {
        woken.here += 1;
      }),
      second.leases?.table.listen(() => {
        woken.there += 1;
        if (woken.there === 2) heard.resolve();
      }),
    ];
    // Each is woken once when it begins to listen: what was said before, it did not hear.
    while (woken.there < 1 || woken.here < 1) await pause(5);
    const before = woken.here;
    leases.wake();
    assert.equal(woken.here, before + 1);
    await heard.promise;
    await Promise.all(listening.map((one) => one?.close()));
    await second.close();
  });

  test('of wake-ups that come close together one is on its way, and one waits for it', async () => {
    const sending: (() => void)[] = [];
    const wakeUps = createWakeUps({
      url: made.url,
      send: () => new Promise<void>((resolve) => sending.push(resolve)),
      log: () => undefined,
    });
    for (let index = 0; index < 500; index++) wakeUps.wake();
    assert.equal(sending.length, 1);
    sending[0]?.();
    await new Promise(setImmediate);
    assert.equal(sending.length, 2);
    sending[1]?.();
    await new Promise(setImmediate);
    assert.equal(sending.length, 2);
    wakeUps.wake();
    assert.equal(sending.length, 3);
  });

  test('renewals stay in place: the table does not grow', async () => {
    await leases.register({ verifierId: 'vrf_i', ...asked });
    for (let index = 0; index < 300; index++) await leases.renew('vrf_i');
    const { rows } = await other.query<{ size: number }>("select pg_relation_size('verifier_lease') as size");
    assert.ok(Number(rows[0]?.size) <= 2 * 8_192, `${rows[0]?.size} bytes`);
    await leases.leave('vrf_i');
  });
});

async function waitsForLock(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query(
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (rows.length > 0) return;
    await pause(5);
  }
}
