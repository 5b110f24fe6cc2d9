import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from '../context.ts';
import type { FilledDatabase } from '../fill/filled-database.ts';
import type { Line, Part } from '../line.ts';
import type { Server } from '../load/start-server.ts';
import { median, quantile, withSpread } from '../statistics.ts';

const main = join(import.meta.dirname, '../../server/src/main.ts');
const few = 10_000;
const counts = [1, 4, 16] as const;
const revocationsEach = 200;
const leaseMs = 3_000;

type Revoked = { total: number; waiting: number };
type Ask = (server: Server, path: string, body?: object) => Promise<Record<string, unknown>>;

/** From the call that revokes a key to its return, when every verifier has let go of it: each had it in its cache. */
export async function benchRevocation(bench: Bench): Promise<Part> {
  const database = await bench.database('postgres', few);
  const ask = askWith(database);
  const secrets = database.passing.map((passing) => ({ ...passing }));
  const lines: Line[] = [];
  for (const count of counts) {
    const servers: Server[] = [];
    for (let n = 0; n < count; n++) {
      const env = { ...database.environment, KEYWRIGHT_WORKERS: '1' };
      servers.push(await bench.start([main, 'serve'], env, 'any'));
    }
    const next = () => revokeNext(ask, servers, secrets);
    for (let n = 0; n < 50; n++) await next();
    const rounds: Revoked[][] = [];
    for (let round = 0; round < bench.rounds; round++) {
      const times: Revoked[] = [];
      for (let n = 0; n < revocationsEach; n++) times.push(await next());
      rounds.push(times);
      bench.say(
        `${count} verifiers, round ${round + 1}: p99 ${quantile(times.map(totalOf), 0.99).toFixed(1)} ms`,
      );
    }
    lines.push(...healthyLines(count, rounds));
    if (count > 1) lines.push(...(await withOneDead(bench, { ask, servers, secrets })));
    for (const server of servers) await server.stop();
  }
  return {
    title: 'Time for a revocation to return',
    about:
      'PostgreSQL and so many nodes on this machine, over HTTP on loopback. Each key is verified at every node first, so that all ' +
      'have it in their caches, and again when the call has returned: all refuse it. One revocation at a time, at nodes in turn. A dead node ' +
      'was killed (kill -9): the next change waits until its lease of 3 s has run out, those after it do not.',
    header: 'milliseconds, median of the rounds (least to most)',
    lines,
  };
}

const totalOf = ({ total }: Revoked) => total;

function healthyLines(count: number, rounds: readonly Revoked[][]): Line[] {
  const of = (share: number, time: (one: Revoked) => number) =>
    rounds.map((times) => quantile(times.map(time), share));
  const name = count === 1 ? '1 verifier' : `${count} verifiers`;
  const p99 = of(0.99, totalOf);
  return [
    { what: `${name}: p50`, figure: withSpread(of(0.5, totalOf), 1) },
    {
      what: `${name}: p99`,
      figure: withSpread(p99, 1),
      ...(count === 4 ? { target: 'at most 15 ms', met: median(p99) <= 15 } : {}),
    },
    {
      what: `${name}: of it waiting for verifiers, p50`,
      figure: withSpread(
        of(0.5, ({ waiting }) => waiting),
        1,
      ),
    },
  ];
}

async function withOneDead(
  bench: Bench,
  given: { ask: Ask; servers: Server[]; secrets: { secret: string; environment: string }[] },
): Promise<Line[]> {
  const { ask, servers, secrets } = given;
  const before = servers.length;
  const first: number[] = [];
  const then: number[] = [];
  for (let round = 0; round < Math.min(bench.rounds, before - 1); round++) {
    // Where in its lease it dies is anywhere.
    await pause(round * 300);
    await servers.pop()?.kill();
    first.push((await revokeNext(ask, servers, secrets)).total);
    for (let n = 0; n < 50; n++) then.push((await revokeNext(ask, servers, secrets)).total);
  }
  const most = Math.max(...first);
  return [
    {
      what: `${before} verifiers, one of them dead: the first revocation`,
      figure: withSpread(first, 0),
      target: 'about one lease (at most 3,500 ms)',
      met: most <= leaseMs + 500,
    },
    {
      what: `${before} verifiers, one of them dead: those after it, p99`,
      figure: quantile(then, 0.99).toFixed(1),
    },
  ];
}

/** Verifies the next key everywhere, revokes it somewhere, and looks whether it is refused everywhere. */
async function revokeNext(
  ask: Ask,
  servers: readonly Server[],
  secrets: { secret: string; environment: string }[],
): Promise<Revoked> {
  const key = secrets.pop();
  const at = servers[secrets.length % servers.length];
  if (key === undefined || at === undefined) throw new Error('No key is left.');
  const verifyEverywhere = () => Promise.all(servers.map((server) => ask(server, '/v1/verify', key)));
  const [before] = await verifyEverywhere();
  const { id } = (before?.apiKey ?? {}) as { id?: string };
  if (id === undefined) throw new Error('A key that should pass does not.');
  const started = performance.now();
  const { propagation } = await ask(at, `/v1/api-keys/${id}/revoke`);
  const total = performance.now() - started;
  for (const { reason } of await verifyEverywhere()) {
    if (reason !== 'revoked') throw new Error('A key passed after its revocation had returned.');
  }
  return { total, waiting: (propagation as { milliseconds: number }).milliseconds };
}

function askWith(database: FilledDatabase, attempts = 5): Ask {
  return async (server, path, body) => {
    const response = await fetch(server.url + path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${database.managementSecret}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    // Safe to repeat, and the time counts.
    if (response.status === 503 && attempts > 1) return askWith(database, attempts - 1)(server, path, body);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  };
}
