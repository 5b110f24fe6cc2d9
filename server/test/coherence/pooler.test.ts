import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { findProgram } from '../../../scripts/find-program.ts';
import { freePort } from '../../../scripts/free-port.ts';
import { runTool } from '../../../scripts/run-tool.ts';
import { checkNotifications } from '../../src/cli/doctor/check-notifications.ts';
import { createWakeUps } from '../../src/database/postgres-wake-ups.ts';
import { createPostgresDatabase } from '../harness.ts';
import { until } from './verifiers.ts';

// A pooler by transactions accepts LISTEN and swallows what would come. It must be noticed, and costs only time.

let made: Awaited<ReturnType<typeof createPostgresDatabase>>;
let folder: string;
let pooler: ChildProcess;
let throughPooler: string;
let direct: pg.Client;

before(async () => {
  made = await createPostgresDatabase();
  folder = mkdtempSync(join(tmpdir(), 'keywright-pgbouncer-'));
  const url = new URL(made.url);
  const name = url.pathname.slice(1);
  const port = await freePort();
  const file = join(folder, 'pgbouncer.ini');
  const password = decodeURIComponent(url.password);
  const login = password === '' ? '' : ` password=${password}`;
  writeFileSync(
    file,
    `[databases]
${name} = host=${url.hostname} port=${url.port} dbname=${name} user=${url.username}${login}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
ignore_startup_parameters = extra_float_digits,statement_timeout,lock_timeout,idle_in_transaction_session_timeout
`,
  );
  const as = await ordinaryUser();
  chmodSync(folder, 0o700);
  if (as) for (const path of [folder, file]) chownSync(path, as.uid, as.gid);
  const program = findProgram('pgbouncer') ?? '/usr/sbin/pgbouncer';
  pooler = spawn(program, ['-q', file], { stdio: 'ignore', cwd: folder, ...as });
  await until('pgbouncer', () => accepts(port));
  throughPooler = `postgres://${url.username}@127.0.0.1:${port}/${name}`;
  direct = new pg.Client({ connectionString: made.url });
  await direct.connect();
});
after(async () => {
  await direct?.end();
  const isOver = new Promise((resolve) => pooler?.once('exit', resolve));
  if (pooler?.kill('SIGKILL')) await isOver;
  rmSync(folder, { recursive: true, force: true });
  await made?.drop();
});

test('LISTEN through a pooler by transactions is found out to be swallowed', async () => {
  const said: string[] = [];
  let woken = 0;
  const wakeUps = createWakeUps({
    url: throughPooler,
    send: (text) => direct.query(text),
    log: ({ reason }) => said.push(reason),
  });
  const listening = wakeUps.listen(() => {
    woken += 1;
  });
  await until('It is said', () => said.length > 0);
  assert.deepEqual(said, ['swallowed']);
  assert.equal(woken, 1, 'only when it began to listen');
  await listening.close();
});

test('LISTEN on a direct connection passes the same test', async () => {
  const said: string[] = [];
  let woken = 0;
  const wakeUps = createWakeUps({
    url: made.url,
    send: (text) => direct.query(text),
    log: ({ reason }) => said.push(reason),
  });
  const listening = wakeUps.listen(() => {
    woken += 1;
  });
  await until('It listens', () => woken === 1);
  await direct.query('notify keywright_wake');
  await until('It is woken', () => woken === 2);
  await listening.close();
  assert.deepEqual(said, []);
});

test('the doctor says which of the two it is', async () => {
  const [found] = await checkNotifications(throughPooler);
  assert.equal(found?.status, 'hint');
  assert.match(`${found?.what} ${found?.remedy}`, /pooler/);
  const [fine] = await checkNotifications(made.url);
  assert.equal(fine?.status, 'ok');
});

async function ordinaryUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = [await runTool('id', ['-u', 'nobody']), await runTool('id', ['-g', 'nobody'])];
  return { uid: Number(uid.output), gid: Number(gid.output) };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
