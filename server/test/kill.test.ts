import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { verifyChain } from '../src/domain/audit/verify-chain.ts';
import { createPostgresDatabase, type DatabaseKind } from './harness.ts';
import { randomFromSeed } from './random-from-seed.ts';
import { newFolder, request, type Served } from './serve-process.ts';

// `kill -9` of a real `serve`, at instants drawn from a seed: KEYWRIGHT_TEST_SEED draws those of an earlier run again.

const kills = process.env.KEYWRIGHT_CHAOS === '1' ? 100 : 10;
const main = resolve(import.meta.dirname, '../src/main.ts');

type Folder = ReturnType<typeof newFolder>;
type State = 'active' | 'inactive' | 'revoked' | 'deleted' | 'absent';
/** What a key may be: one state, or of a change that was under way at the kill the one before and the one after. */
type Known = { secret: string; id: string; states: State[] };

const verdicts: Record<Exclude<State, 'absent'>, string> = {
  active: 'allowed',
  inactive: 'inactive',
  revoked: 'revoked',
  deleted: 'revoked',
};
const changes: [method: string, suffix: string, State][] = [
  ['POST', '/revoke', 'revoked'],
  ['POST', '/disable', 'inactive'],
  ['POST', '/enable', 'active'],
  ['DELETE', '', 'deleted'],
];

function seedOf(t: TestContext): () => number {
  const seed = Number(process.env.KEYWRIGHT_TEST_SEED ?? Date.now() % 1_000_000_000);
  t.diagnostic(`KEYWRIGHT_TEST_SEED=${seed}`);
  return randomFromSeed(seed);
}

/** Issues keys and changes them until the server is gone. */
async function useKeys(url: string, admin: Admin, random: () => number, known: Known[]): Promise<void> {
  const call = (method: string, path: string, body?: object) =>
    request(url, method, path, { key: admin.adminKey, body });
  try {
    for (;;) {
      const answer = await call('POST', '/v1/api-keys', {
        name: 'Key',
        applicationId: admin.applicationId,
        environment: 'production',
      });
      assert.equal(answer.status, 201, JSON.stringify(answer.body));
      const key: Known = { secret: answer.body.secret, id: answer.body.apiKey.id, states: ['active'] };
      known.push(key);
      for (let times = Math.floor(random() * 3); times > 0; times -= 1) {
        const [method, suffix, state] = changes[Math.floor(random() * changes.length)] ?? assert.fail();
        const [before] = key.states;
        // What is final stays so: these calls are refused, or done already.
        if (before === 'revoked' || before === 'deleted') break;
        key.states = [before as State, state];
        const changed = await call(method, `/v1/api-keys/${key.id}${suffix}`);
        assert.equal(changed.status, 200, JSON.stringify(changed.body));
        key.states = [state];
      }
    }
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    // The connection broke: whatever was under way may have happened or not.
  }
}

async function assertKept(url: string, { adminKey }: Admin, known: readonly Known[]): Promise<void> {
  for (const key of known) {
    const { status, body } = await request(url, 'POST', '/v1/verify', {
      key: adminKey,
      body: { secret: key.secret },
    });
    assert.equal(status, 200, JSON.stringify(body));
    const verdict = body.allowed ? 'allowed' : body.reason;
    const expected = key.states.map((state) => verdicts[state as 'active']);
    assert.ok(expected.includes(verdict), `${key.id} is ${verdict}, and was ${key.states.join(' or ')}`);
    key.states = key.states.filter((state) => verdicts[state as 'active'] === verdict);
  }
}

type Admin = { adminKey: string; organizationId: string; applicationId: string };

async function makeAdmin(folder: Folder): Promise<Admin> {
  const made = await folder.makeAdmin();
  const served = folder.serve();
  const { apiUrl } = await served.ready;
  const body = { title: 'Application', description: '' };
  const application = await request(apiUrl, 'POST', '/v1/applications', { key: made.adminKey, body });
  served.kill('SIGTERM');
  await served.ended;
  return { ...made, applicationId: application.body.id };
}

/** The database opens and is sound, and every chain of events is whole. */
async function assertSound(folder: Folder, kind: DatabaseKind, chain: string): Promise<void> {
  if (kind === 'sqlite') {
    const file = new DatabaseSync(join(folder.folder, 'keywright.db'));
    assert.deepEqual({ ...file.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
    assert.deepEqual(file.prepare('PRAGMA foreign_key_check').all(), []);
    file.close();
  }
  await folder.withServices(async ({ database, auditKey }) => {
    const verdict = await verifyChain(database.read, auditKey, chain);
    assert.ok(verdict.ok, JSON.stringify(verdict));
  });
}

function runAuditVerify(folder: Folder): void {
  const env = { PATH: process.env.PATH, NODE_OPTIONS: process.env.NODE_OPTIONS, ...folder.environment };
  const said = execFileSync(process.execPath, [main, '--json', 'audit', 'verify'], { env, encoding: 'utf8' });
  assert.equal(JSON.parse(said).ok, true, said);
}

async function withFolder(kind: DatabaseKind, act: (folder: Folder, databaseUrl: string) => Promise<void>) {
  const database = kind === 'postgres' ? await createPostgresDatabase() : undefined;
  const folder = newFolder(database?.url);
  try {
    await act(folder, database?.url ?? '');
  } finally {
    await folder.remove();
    await database?.drop();
  }
}

/** Resolves when the starting server has begun to use its database. */
async function waitForDatabase(folder: Folder, databaseUrl: string, served: Served): Promise<void> {
  let isOver = false;
  void served.ended.then(() => {
    isOver = true;
  });
  if (databaseUrl === '') {
    while (!isOver && !existsSync(join(folder.folder, 'keywright.db'))) await pause(1);
    return;
  }
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const query =
    "select 1 from pg_stat_activity where application_name = 'keywright' and datname = current_database()";
  while (!isOver && (await client.query(query)).rows.length === 0) await pause(1);
  await client.end();
}

describe('kill -9', { concurrency: 2 }, () => {
  for (const kind of ['sqlite', 'postgres'] as const) {
    it(`at any instant while keys are issued and changed loses no acknowledged change [${kind}]`, (t) =>
      withFolder(kind, async (folder) => {
        const random = seedOf(t);
        const admin = await makeAdmin(folder);
        const known: Known[] = [];
        for (let times = 1; times <= kills; times += 1) {
          const served = folder.serve();
          const { apiUrl } = await served.ready;
          await assertKept(apiUrl, admin, known.slice(-60));
          const clients = Array.from({ length: 4 }, () => useKeys(apiUrl, admin, random, known));
          const enough = known.length + random() * 12;
          const waitForKeys = async () => {
            while (known.length < enough) await pause(1);
          };
          // A client that finds something wrong ends the wait.
          await Promise.race([waitForKeys(), ...clients]);
          await pause(random() * 30);
          served.kill('SIGKILL');
          await Promise.all([served.ended, ...clients]);
          await assertSound(folder, kind, admin.organizationId);
        }
        const served = folder.serve();
        const { apiUrl } = await served.ready;
        await assertKept(apiUrl, admin, known);
        assert.ok(known.length > kills, `only ${known.length} keys were issued`);
        served.kill('SIGKILL');
        await served.ended;
        runAuditVerify(folder);
      }));

    it(`at any instant while a new database is made leaves one that the next start finishes [${kind}]`, async (t) => {
      const random = seedOf(t);
      for (let times = 0; times < kills; times += 5) {
        await withFolder(kind, async (folder, databaseUrl) => {
          for (let attempt = 0; attempt < 3; attempt += 1) {
            const served = folder.serve();
            if (attempt === 0) await waitForDatabase(folder, databaseUrl, served);
            await pause(random() * (attempt === 0 ? 40 : 700));
            served.kill('SIGKILL');
            await served.ended;
          }
          const served = folder.serve();
          const { apiUrl } = await served.ready;
          assert.equal((await fetch(`${apiUrl}/readyz`)).status, 200);
          const { organizationId } = await folder.makeAdmin();
          served.kill('SIGKILL');
          await served.ended;
          await assertSound(folder, kind, organizationId);
          await assertSound(folder, kind, 'installation');
        });
      }
    });
  }
});
