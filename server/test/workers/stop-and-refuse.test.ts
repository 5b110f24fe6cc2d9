import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { newFolder } from '../serve-process.ts';
import { isAlive, until, withCrew } from './crew.ts';

const count = 3;

describe('workers', { concurrency: 2 }, () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`finish what runs on ${signal}, take nothing new, and the whole ends with 0`, () =>
      withCrew('sqlite', count, async ({ folder, served, apiUrl, adminKey, lines, pids }) => {
        const [lineOf, workers] = [await lines(), pids()];
        // A write by somebody else, for which one request at each worker waits.
        const other = new DatabaseSync(join(folder.folder, 'keywright.db'));
        other.exec('BEGIN IMMEDIATE');
        const running = lineOf.map((line, index) =>
          line.ask('POST', '/v1/teams', { key: adminKey, body: { name: `Team ${index}` } }),
        );
        // A management key is read before the write waits, and its use is noted: the request is under way.
        await Promise.all((await lines()).map((line) => line.ask('GET', '/healthz')));
        served.kill(signal);
        await until('Nothing new is taken', () =>
          fetch(`${apiUrl}/healthz`).then(
            () => false,
            () => true,
          ),
        );
        other.exec('ROLLBACK');
        other.close();
        const answers = await Promise.all(running);
        assert.deepEqual(
          answers.map((answer) => answer.status),
          Array(count).fill(201),
        );
        assert.deepEqual(await served.ended, { code: 0, signal: null }, served.said());
        assert.ok(!workers.some(isAlive), 'no worker is left');
        await folder.withServices(async ({ database }) => {
          const teams = await database.read.selectFrom('team').select('name').orderBy('name').execute();
          assert.deepEqual(
            teams.map((team) => team.name),
            ['Team 0', 'Team 1', 'Team 2'],
          );
        });
      }));
  }

  it('one that does not react to SIGTERM is not waited for longer than 10 s', () =>
    withCrew('sqlite', 2, async ({ served, pids }) => {
      const [stuck = 0] = pids();
      process.kill(stuck, 'SIGSTOP');
      const started = performance.now();
      served.kill('SIGTERM');
      assert.deepEqual(await served.ended, { code: 0, signal: null }, served.said());
      assert.ok(performance.now() - started < 11_000);
      assert.ok(!isAlive(stuck));
    }));

  it('say once why they cannot start: which port is taken, and by which setting to take another', async () => {
    const folder = newFolder();
    const taken = createServer();
    try {
      await folder.makeAdmin();
      const port = await new Promise<number>((found) =>
        taken.listen(0, '127.0.0.1', () => found((taken.address() as { port: number }).port)),
      );
      for (const name of ['KEYWRIGHT_PORT', 'KEYWRIGHT_GATEWAY_PORT']) {
        const served = folder.serve({ KEYWRIGHT_WORKERS: '2', [name]: String(port) });
        assert.deepEqual(await served.ended, { code: 1, signal: null }, served.said());
        assert.equal(served.said().trim().split('\n').length, 1, served.said());
        assert.match(served.said(), new RegExp(`^keywright: .*${port}.*${name}`));
      }
    } finally {
      taken.close();
      await folder.remove();
    }
  });

  it('say so where one of the first ends before it serves, and nothing stays', async () => {
    const folder = newFolder();
    try {
      await folder.makeAdmin();
      const dying = "import c from 'node:cluster'; if (c.isWorker) process.exit(7)";
      const served = folder.serve({
        KEYWRIGHT_WORKERS: '2',
        NODE_OPTIONS: `--disable-warning=ExperimentalWarning --import=data:text/javascript,${encodeURIComponent(dying)}`,
      });
      assert.deepEqual(await served.ended, { code: 1, signal: null }, served.said());
      assert.match(served.said(), /^keywright: Worker [12] ended while it started \(exit code 7\)\.\n$/);
    } finally {
      await folder.remove();
    }
  });

  it('are not started where the database cannot be had; the exit code says to try again', async () => {
    const folder = newFolder('postgres://nobody@127.0.0.1:1/nothing');
    try {
      const served = folder.serve({ KEYWRIGHT_WORKERS: '2' });
      assert.deepEqual(await served.ended, { code: 3, signal: null }, served.said());
      assert.equal(served.said().trim().split('\n').length, 1, served.said());
    } finally {
      await folder.remove();
    }
  });
});
