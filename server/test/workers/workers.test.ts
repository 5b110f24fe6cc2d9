import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { request } from '../serve-process.ts';
import { isAlive, openLine, until, withCrew } from './crew.ts';

const countOf = { sqlite: 4, postgres: 2 } as const;

describe('workers', { concurrency: 2 }, () => {
  for (const kind of ['sqlite', 'postgres'] as const) {
    const count = countOf[kind];

    it(`share the ports that the system gave, and all of them answer at both [${kind}]`, () =>
      withCrew(kind, count, async ({ lines, pids, gatewayUrl, served }) => {
        for (const [index, line] of (await lines()).entries()) {
          const { body } = await line.ask('GET', '/readyz');
          assert.deepEqual(body.worker, { number: index + 1, count, serving: count });
        }
        assert.equal(new Set([served.pid, ...pids()]).size, count + 1, 'each is a process of its own');
        // Each of them says once, in its own name, that it was asked wrongly.
        const heard = () =>
          new Set(
            [...served.said().matchAll(/"pid":(\d+),"worker":\d+,[^\n]*"fault":/g)].map((match) =>
              Number(match[1]),
            ),
          );
        await until('Every worker answers gateways', async () => {
          const line = openLine(gatewayUrl);
          assert.equal((await line.ask('GET', '/v1/forward-auth/nginx')).status, 403);
          line.close();
          return heard().size === count;
        });
        assert.deepEqual([...heard()].sort(), pids().sort());
      }));

    it(`that are killed are replaced, and no request that was answered is lost [${kind}]`, (t) =>
      withCrew(kind, count, async ({ apiUrl, adminKey, pids, folder }) => {
        const created = new Set<string>();
        let broken = 0;
        let longest = 0;
        let isOver = false;
        const client = async (number: number) => {
          for (let time = 0; !isOver; time += 1) {
            try {
              const body = { name: `Team ${number}/${time}` };
              const started = performance.now();
              const answer = await request(apiUrl, 'POST', '/v1/teams', { key: adminKey, body }).finally(
                () => {
                  longest = Math.max(longest, performance.now() - started);
                },
              );
              assert.equal(answer.status, 201, JSON.stringify(answer.body));
              created.add(body.name);
            } catch (error) {
              if (error instanceof assert.AssertionError) throw error;
              // The worker died under it: it may have been done or not.
              broken += 1;
            }
          }
        };
        const clients = Array.from({ length: 4 }, (_, number) => client(number));
        for (let kills = 0; kills < 4; kills += 1) {
          const [before, enough] = [pids(), created.size + 20];
          const victim = before[kills % count] ?? 0;
          await Promise.race([until('Teams are made', () => created.size >= enough), ...clients]);
          process.kill(victim, 'SIGKILL');
          await until('Another takes its place', () => pids()[kills % count] !== victim);
        }
        isOver = true;
        await Promise.all(clients);
        t.diagnostic(
          `${created.size} made, ${broken} connections broken, none waited longer than ${longest} ms`,
        );
        assert.ok(longest < 10_000, `A client waited ${longest} ms for a worker that was gone.`);
        await folder.withServices(async ({ database }) => {
          const teams = await database.read.selectFrom('team').select('name').execute();
          const kept = new Set(teams.map((team) => team.name));
          assert.deepEqual(
            [...created].filter((name) => !kept.has(name)),
            [],
          );
        });
        await until('All serve', async () => {
          const { body } = await request(apiUrl, 'GET', '/readyz', { key: null });
          return body.worker.serving === count;
        });
      }));
  }

  it('come back at the same ports where all of them died at once', () =>
    withCrew('sqlite', 2, async ({ apiUrl, gatewayUrl, pids, served }) => {
      const before = pids();
      for (const pid of before) process.kill(pid, 'SIGKILL');
      await until('Others serve', () => pids().every((pid) => !before.includes(pid)));
      for (const url of [apiUrl, gatewayUrl]) assert.equal((await fetch(`${url}/healthz`)).status, 200);
      assert.equal(isAlive(served.pid), true);
      assert.match(served.said(), /"how":"SIGKILL".*"msg":"a worker ended; another one takes its place"/);
    }));

  it('end with the main process, even where that one is killed', () =>
    withCrew('sqlite', 4, async ({ apiUrl, pids, served }) => {
      const all = pids();
      assert.ok(all.every(isAlive));
      served.kill('SIGKILL');
      await until('They end', () => !all.some(isAlive), 10);
      await assert.rejects(fetch(`${apiUrl}/healthz`));
    }));
});
