import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import { type PostgresCluster, startPostgresCluster } from '../../scripts/postgres-cluster.ts';
import { issueKey, makeApplication } from './fixtures.ts';
import { type Answer, type Keywright, startTestKeywright } from './harness.ts';
import { assertUnavailable, assertWhole, waitUntil, within } from './outage-assertions.ts';
import { newFolder, request } from './serve-process.ts';

let made = 0;
const nextTeam = () => ({ body: { name: `Team ${++made}` } });
const createTeam = (kw: Keywright) => kw.call('POST', '/v1/teams', nextTeam());

const isReady = async (kw: Keywright) => (await fetch(`${kw.apiUrl}/readyz`)).status === 200;
const isAlive = async (kw: Keywright) => (await fetch(`${kw.apiUrl}/healthz`)).status === 200;

async function newKey(kw: Keywright): Promise<string> {
  return (await issueKey(kw, (await makeApplication(kw)).id)).secret;
}
const verify = (kw: Keywright, secret: string) => kw.call('POST', '/v1/verify', { body: { secret } });

/** The first answer that is not what is kept says, soon after the lease (3 s) has run out at the latest. */
async function firstRefusal(kw: Keywright, secret: string): Promise<Answer> {
  const begun = performance.now();
  for (;;) {
    const answer = await within(9_000, verify(kw, secret));
    if (answer.body.allowed !== true) return answer;
    assert.ok(performance.now() - begun < 9_000, 'answered from the cache for longer than a lease');
    await pause(20);
  }
}

describe('PostgreSQL', () => {
  let cluster: PostgresCluster;
  let kw: Keywright;
  let admin: pg.Client;
  let secret: string;
  /** What would have ended the process, were it one of its own. */
  const fatal: Error[] = [];
  const noteFatal = (error: Error) => fatal.push(error);
  const connectAdmin = async () => {
    admin = new pg.Client({ connectionString: cluster.url, application_name: 'admin' });
    admin.on('error', () => undefined);
    await admin.connect();
  };
  before(async () => {
    process.on('uncaughtException', noteFatal);
    cluster = await startPostgresCluster();
    kw = await startTestKeywright('sqlite', { KEYWRIGHT_DATABASE_URL: cluster.url });
    secret = await newKey(kw);
    await connectAdmin();
  });
  after(async () => {
    await kw?.close();
    await admin?.end();
    await cluster?.stop();
    process.off('uncaughtException', noteFatal);
  });

  it('cuts every connection, again and again: each request is done or not, and Keywright goes on', async () => {
    const acknowledged: string[] = [];
    let isCutting = true;
    const client = async () => {
      while (isCutting) {
        const answer = await createTeam(kw);
        if (answer.status === 201) acknowledged.push(answer.body.id);
        else assertUnavailable(answer, ['unavailable', 'propagation_unknown']);
        const verdict = await verify(kw, secret);
        if (verdict.status === 200) assert.equal(verdict.body.allowed, true);
        else assertUnavailable(verdict);
      }
    };
    const clients = Array.from({ length: 8 }, client);
    for (let cuts = 0; cuts < 15; cuts += 1) {
      await pause(40);
      await admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'keywright'",
      );
    }
    isCutting = false;
    await Promise.all(clients);
    await waitUntil('Ready', () => isReady(kw));
    const teams = await kw.services.database.read.selectFrom('team').select('id').execute();
    const ids = new Set(teams.map((team) => team.id));
    assert.ok(acknowledged.length > 0 && acknowledged.every((id) => ids.has(id)));
    await assertWhole(kw.services, kw.organizationId);
  });

  it('has a lock on the audit head held by somebody: writers are told so in seconds, verifications do not wait', async () => {
    await admin.query('begin');
    try {
      await admin.query('select * from audit_head for update');
      const writers = Array.from({ length: 30 }, () => within(9_000, createTeam(kw)));
      await waitUntil('A writer waits', async () => {
        await admin.query('select pg_stat_clear_snapshot()');
        const waiting = await admin.query("select 1 from pg_stat_activity where wait_event_type = 'Lock'");
        return waiting.rows.length >= 5;
      });
      for (let n = 0; n < 20; n += 1)
        assert.equal((await within(1_000, verify(kw, secret))).body.allowed, true);
      assert.equal(await isReady(kw), true);
      for (const answer of await Promise.all(writers)) assertUnavailable(answer);
    } finally {
      await admin.query('rollback');
    }
    assert.equal((await createTeam(kw)).status, 201);
    await assertWhole(kw.services, kw.organizationId);
  });

  it('does not answer any more, on connections that stay open: a verdict or 503 within seconds, and none that is wrong', async () => {
    await Promise.all(Array.from({ length: 4 }, () => verify(kw, secret)));
    const { rows } = await admin.query<{ pid: number }>(
      "select pid from pg_stat_activity where application_name like 'keywright%'",
    );
    for (const { pid } of rows) process.kill(pid, 'SIGSTOP');
    try {
      // What is given up is replaced by connections that answer; until then there may be no verdict, but none is wrong.
      for (const begun = performance.now(); performance.now() - begun < 5_000; await pause(100)) {
        const answer = await within(9_000, verify(kw, secret));
        if (answer.body.allowed !== true) assertUnavailable(answer);
      }
    } finally {
      for (const { pid } of rows) process.kill(pid, 'SIGCONT');
    }
    await waitUntil('A change', async () => (await createTeam(kw)).status === 201);
    assert.equal((await verify(kw, secret)).body.allowed, true);
    await assertWhole(kw.services, kw.organizationId);
  });

  it('is down: what is kept answers until the lease ends, then 503 without a verdict, not ready, alive; and it is used again as soon as it is back', async () => {
    await cluster.crash();
    assertUnavailable(await firstRefusal(kw, secret));
    for (let n = 0; n < 3; n += 1) {
      assertUnavailable(await within(5_000, verify(kw, secret)));
      assertUnavailable(await within(5_000, verify(kw, 'kw_live_nothing')));
      assertUnavailable(await within(5_000, createTeam(kw)));
      assertUnavailable(await within(5_000, kw.call('GET', '/v1/teams')));
      assertUnavailable(await within(5_000, kw.call('POST', '/v1/teams', { raw: '{' })));
      assert.equal(await isReady(kw), false);
      assert.equal(await isAlive(kw), true);
    }
    await cluster.start();
    await waitUntil('Ready', () => isReady(kw));
    assert.equal((await verify(kw, secret)).body.allowed, true);
    assert.equal((await createTeam(kw)).status, 201);
    await connectAdmin();
    await assertWhole(kw.services, kw.organizationId);
  });

  it('does not answer while Keywright stops: it ends within 10 s all the same', async () => {
    await Promise.all(Array.from({ length: 4 }, () => verify(kw, secret)));
    const { rows } = await admin.query<{ pid: number }>(
      "select pid from pg_stat_activity where application_name like 'keywright%'",
    );
    for (const { pid } of rows) process.kill(pid, 'SIGSTOP');
    try {
      await within(10_000, kw.close());
    } finally {
      for (const { pid } of rows) process.kill(pid, 'SIGCONT');
    }
  });

  it('has ended nothing by going away', () => assert.deepEqual(fatal, []));
});

describe('SQLite', () => {
  let kw: Keywright;
  let secret: string;
  before(async () => {
    kw = await startTestKeywright('sqlite');
    secret = await newKey(kw);
  });
  after(() => kw?.close());

  /** By another connection to the file. */
  function lock(statement: string): () => void {
    const other = new DatabaseSync(join(kw.folder, 'keywright.db'));
    other.exec(statement);
    return () => {
      other.exec('ROLLBACK');
      other.close();
    };
  }

  it('is locked by another connection: writers are told so in seconds, all of them; verifications do not wait', async () => {
    const unlock = lock('BEGIN EXCLUSIVE');
    try {
      const writers = Array.from({ length: 12 }, () => within(7_000, createTeam(kw)));
      for (let n = 0; n < 20; n += 1)
        assert.equal((await within(1_000, verify(kw, secret))).body.allowed, true);
      assert.equal(await isReady(kw), true);
      for (const answer of await Promise.all(writers)) assertUnavailable(answer);
    } finally {
      unlock();
    }
    assert.equal((await createTeam(kw)).status, 201);
    await assertWhole(kw.services, kw.organizationId);
  });

  it('is locked for a moment: writers wait, and nobody hears of it', async () => {
    const unlock = lock('BEGIN IMMEDIATE');
    const writers = Array.from({ length: 5 }, () => createTeam(kw));
    assert.equal((await verify(kw, secret)).body.allowed, true);
    unlock();
    for (const answer of await Promise.all(writers)) assert.equal(answer.status, 201);
  });

  it('may not grow: changes are refused whole, reading goes on, and with room again changes too', async () => {
    // Of this connection alone, as the limit is: SQLite then answers as it does where the disk is full.
    const limit = (pages: number) =>
      kw.services.database.write((tx) => sql.raw(`pragma max_page_count = ${pages}`).execute(tx));
    await limit(1);
    const answers: Answer[] = [];
    const isFull = async () => {
      const body = { name: `Profile ${++made}`, settings: { text: 'x'.repeat(15_000) } };
      answers.push(await kw.call('POST', '/v1/profiles', { body }));
      return answers.at(-1)?.status !== 201;
    };
    await waitUntil('Full', isFull);
    assertUnavailable(answers.at(-1) as Answer);
    assert.equal((await verify(kw, secret)).body.allowed, true);
    assert.equal((await kw.call('GET', '/v1/teams')).status, 200);
    const profiles = await kw.services.database.read.selectFrom('profile').select('id').execute();
    assert.equal(profiles.length, answers.length - 1);
    await limit(1_000_000);
    assert.equal(await isFull(), false);
    await assertWhole(kw.services, kw.organizationId);
  });

  it('cannot write its files, in a real process: 503, and with room again everything goes on', async () => {
    const folder = newFolder();
    const { adminKey, organizationId } = await folder.makeAdmin();
    after(() => folder.remove());
    const served = folder.serve();
    const { apiUrl } = await served.ready;
    const call = (method: string, path: string, body?: object) =>
      request(apiUrl, method, path, { key: adminKey, body });
    assert.equal((await call('POST', '/v1/teams', { name: 'Before' })).status, 201);

    const files = ['keywright.db', 'keywright.db-wal'].map(
      (name) => statSync(join(folder.folder, name)).size,
    );
    setFileLimit(served.pid, `${Math.max(...files) + 40_000}`);
    let refused: Answer | undefined;
    let count = 0;
    await waitUntil('Full', async () => {
      const answer = await call('POST', '/v1/teams', { name: `Team ${++count}` });
      if (answer.status !== 201) refused = answer;
      return refused !== undefined;
    });
    assertUnavailable(refused as Answer);
    assert.equal((await call('GET', '/v1/teams?limit=1')).status, 200);
    assert.equal((await call('POST', '/v1/verify', { secret: 'x' })).body.allowed, false);
    assertUnavailable(await call('POST', '/v1/teams', { name: `Team ${count}` }));

    setFileLimit(served.pid, 'unlimited');
    const again = await call('POST', '/v1/teams', { name: `Team ${count}` });
    assert.equal(again.status, 201, 'its name is free: nothing of the refused change was kept');
    served.kill('SIGTERM');
    assert.equal((await served.ended).code, 0);
    await folder.withServices((services) => assertWhole(services, organizationId));
  });
});

/** How large a file the process may write; beyond it, writing fails as on a full disk. */
function setFileLimit(pid: number, limit: string): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${limit}:unlimited`]);
}
