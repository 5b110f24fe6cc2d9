import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { connectTo, parseAnswers } from './raw-http.ts';
import { newFolder, type Served } from './serve-process.ts';

type Serving = { folder: ReturnType<typeof newFolder>; served: Served; apiUrl: string; adminKey: string };

async function whileServing(act: (serving: Serving) => Promise<void>): Promise<void> {
  const folder = newFolder();
  try {
    const { adminKey } = await folder.makeAdmin();
    const served = folder.serve();
    const { apiUrl } = await served.ready;
    await act({ folder, served, apiUrl, adminKey });
  } finally {
    await folder.remove();
  }
}

/** A connection of one's own: what it was told so far, and when it was closed. */
function open(url: string) {
  const socket = connectTo(url);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  return { send: (part: string) => socket.write(part), said: () => text, closed };
}

const teamRequest = (key: string, name: string, length?: number) => {
  const body = JSON.stringify({ name });
  const head = [
    'POST /v1/teams HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${key}`,
    'Content-Type: application/json',
    `Content-Length: ${length ?? body.length}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
};

function cutInTwo(text: string): [string, string] {
  const at = text.indexOf('Authorization');
  return [text.slice(0, at), text.slice(at)];
}

/** Refused as stopping, by a problem that names itself and what was asked. */
function assertDraining(text: string): void {
  const [answer] = parseAnswers(text);
  const { detail, requestId, ...problem } = JSON.parse(answer?.body ?? '');
  assert.deepEqual(problem, {
    type: 'about:blank',
    title: 'Service Unavailable',
    status: 503,
    instance: '/v1/teams',
    code: 'unavailable',
  });
  assert.match(detail, /is stopping/);
  assert.match(answer?.headers ?? '', new RegExp(`x-request-id: ${requestId}\r\n`));
  assert.match(answer?.headers ?? '', /retry-after: 1/);
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const started = performance.now(); !(await holds()); await pause(10)) {
    assert.ok(performance.now() - started < 10_000, 'It has not come about within 10 s.');
  }
}

async function assertEnds(served: Served, seconds: number): Promise<void> {
  const started = performance.now();
  const ending = await served.ended;
  assert.deepEqual(ending, { code: 0, signal: null }, served.said());
  const took = (performance.now() - started) / 1_000;
  assert.ok(took < seconds, `${took} s`);
}

describe('SIGTERM', { concurrency: 2 }, () => {
  it('lets a running request finish, refuses new ones, and ends with 0', () =>
    whileServing(async ({ folder, served, apiUrl, adminKey }) => {
      const [running, kept, late] = [open(apiUrl), open(apiUrl), open(apiUrl)];
      const [begun, rest] = cutInTwo(teamRequest(adminKey, 'Begun before'));
      late.send(begun);
      kept.send(teamRequest(adminKey, 'Earlier'));
      await until(() => kept.said().includes('"Earlier"'));
      // A write by somebody else, for which the running request waits.
      const other = new DatabaseSync(join(folder.folder, 'keywright.db'));
      other.exec('BEGIN IMMEDIATE');
      running.send(teamRequest(adminKey, 'Running'));
      // Requests are taken in the order in which they come: once this one is answered, the other one is under way.
      assert.equal((await fetch(`${apiUrl}/healthz`)).status, 200);
      served.kill('SIGTERM');
      await until(() =>
        fetch(`${apiUrl}/healthz`).then(
          () => false,
          () => true,
        ),
      );
      kept.send(teamRequest(adminKey, 'Too late'));
      await kept.closed;
      late.send(rest);
      await late.closed;
      assertDraining(late.said());
      other.exec('ROLLBACK');
      other.close();
      await running.closed;
      const [answer] = parseAnswers(running.said());
      assert.equal(answer?.status, 201);
      assert.match(answer?.headers ?? '', /connection: close/);
      await assertEnds(served, 3);
      await folder.withServices(async ({ database }) => {
        const teams = await database.read.selectFrom('team').select('name').orderBy('name').execute();
        assert.deepEqual(
          teams.map((team) => team.name),
          ['Earlier', 'Running'],
        );
      });
    }));

  it('does not wait for connections that ask for nothing', () =>
    whileServing(async ({ served, apiUrl, adminKey }) => {
      const [silent, idle] = [open(apiUrl), open(apiUrl)];
      idle.send(teamRequest(adminKey, 'Team'));
      await until(() => idle.said().includes('"Team"'));
      served.kill('SIGTERM');
      await assertEnds(served, 3);
      await Promise.all([silent.closed, idle.closed]);
    }));

  it('does not wait longer than 10 s for requests that never end', () =>
    whileServing(async ({ served, apiUrl, adminKey, folder }) => {
      const unfinished = [open(apiUrl), open(apiUrl)];
      unfinished[0]?.send(teamRequest(adminKey, 'Never', 1_000));
      unfinished[1]?.send('POST /v1/teams HTTP/1.1\r\nHost: loc');
      assert.equal((await fetch(`${apiUrl}/healthz`)).status, 200);
      served.kill('SIGTERM');
      const dripping = setInterval(() => unfinished[0]?.send(' '), 100);
      await assertEnds(served, 10);
      clearInterval(dripping);
      await folder.withServices(async ({ database }) =>
        assert.deepEqual(await database.read.selectFrom('team').select('name').execute(), []),
      );
    }));

  it('does not cut off what is being finished when it comes twice, with SIGINT after it', () =>
    whileServing(async ({ served, apiUrl, adminKey }) => {
      const idle = open(apiUrl);
      idle.send(teamRequest(adminKey, 'Team'));
      await until(() => idle.said().includes('"Team"'));
      served.kill('SIGTERM');
      served.kill('SIGTERM');
      served.kill('SIGINT');
      await assertEnds(served, 3);
    }));
});
