import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { createWakeUps } from '../../src/database/postgres-wake-ups.ts';
import { createPostgresDatabase } from '../harness.ts';

describe('the connection that listens for wake-ups', () => {
  let database: Awaited<ReturnType<typeof createPostgresDatabase>>;
  let admin: pg.Client;
  let heard = 0;
  let listening: { close: () => Promise<void> } | undefined;

  const pids = async () => {
    const { rows } = await admin.query<{ pid: number }>(
      "select pid from pg_stat_activity where application_name = 'keywright listens' and datname = current_database()",
    );
    return rows.map((row) => row.pid);
  };
  /** A wake-up of another process is heard, again, within so long. */
  async function isHeardWithin(milliseconds: number): Promise<boolean> {
    const before = heard;
    for (const started = performance.now(); performance.now() - started < milliseconds; await pause(50)) {
      await admin.query('notify keywright_wake');
      if (heard > before) return true;
    }
    return false;
  }
  const waitUntil = async (holds: () => boolean | Promise<boolean>) => {
    for (const started = performance.now(); !(await holds()); await pause(20))
      assert.ok(performance.now() - started < 15_000, 'It has not come about within 15 s.');
  };

  before(async () => {
    database = await createPostgresDatabase();
    admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
  });
  beforeEach(async () => {
    await listening?.close();
    heard = 0;
    const options = { url: database.url, send: (text: string) => admin.query(text), log: () => undefined };
    listening = createWakeUps({ ...options, testEveryMs: 300 }).listen(() => {
      heard += 1;
    });
    await waitUntil(async () => heard > 0 && (await pids()).length === 1);
  });
  after(async () => {
    await listening?.close();
    await admin?.end();
    await database?.drop();
  });

  test('is made anew whenever it is ended, also in the middle of testing itself', async () => {
    for (let times = 0; times < 4; times++) {
      // Tests follow each other every 300 ms: some of these meet one.
      for (const started = performance.now(); performance.now() - started < 700; await pause(10))
        for (const pid of await pids()) await admin.query('select pg_terminate_backend($1)', [pid]);
      assert.ok(await isHeardWithin(8_000), 'nobody listens any more');
    }
  });

  test('is given up where it does not answer any more without being ended, and another is made', async () => {
    const [silent] = await pids();
    assert.ok(silent !== undefined);
    const pid = String(silent);
    await admin.query("select pg_notify('keywright_wake', '')");
    process.kill(silent, 'SIGSTOP');
    try {
      await waitUntil(async () => (await pids()).some((other) => String(other) !== pid));
      assert.ok(await isHeardWithin(8_000), 'nobody listens any more');
    } finally {
      process.kill(silent, 'SIGCONT');
    }
  });
});
