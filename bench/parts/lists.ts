import { join } from 'node:path';
import { encodeCursor } from '../../server/src/domain/list-page.ts';
import type { Bench } from '../context.ts';
import type { FilledDatabase } from '../fill/filled-database.ts';
import type { Line, Part } from '../line.ts';
import type { Server } from '../load/start-server.ts';
import { createSeededRandom, type SeededRandom } from '../seeded-random.ts';
import { quantile } from '../statistics.ts';
import { type ListCase, listGroups } from './list-cases.ts';

const main = join(import.meta.dirname, '../../server/src/main.ts');
const requestsPerCase = 40;
const warmUps = 5;
const targetMs = 20;

type Timed = { name: string; p50: number; p95: number };

/** Pages of 50 over HTTP, one request at a time, by every filter, in both orders, the first page and pages deep inside. */
export async function benchLists(bench: Bench): Promise<Part> {
  const lines: Line[] = [];
  for (const kind of ['sqlite', 'postgres'] as const) {
    const database = await bench.database(kind, bench.keys);
    const server = await bench.start([main, 'serve'], database.environment);
    const random = createSeededRandom('lists');
    for (const group of listGroups(database, random)) {
      const timed: Timed[] = [];
      for (const each of group.cases) timed.push(...(await timeCase(server, database, each, random)));
      const slowest = timed.reduce((a, b) => (b.p95 > a.p95 ? b : a));
      lines.push({
        what: `${kind}, ${group.name}`,
        figure: `${slowest.p50.toFixed(1)} / ${slowest.p95.toFixed(1)}${timed.length > 1 ? ` (${slowest.name})` : ''}`,
        ...(group.isCombined ? {} : { target: `p95 under ${targetMs} ms`, met: slowest.p95 < targetMs }),
      });
      const worst = [...timed].sort((a, b) => b.p50 - a.p50).slice(0, 3);
      bench.say(
        `${kind}, ${group.name}: ${worst.map((one) => `${one.name} ${one.p50.toFixed(1)} / ${one.p95.toFixed(1)}`).join('; ')}`,
      );
    }
    await server.stop();
  }
  return {
    title: `Lists of 50 of ${bench.keys} keys`,
    about:
      `Skewed data: one application has half of the keys, a few creators made most, 2 % are revoked, 1 % are inactive, 20 % have ` +
      `expired. Each way of asking is timed over ${requestsPerCase} requests over HTTP, newest first and by name, the first page and ` +
      'pages deep inside; the line names the slowest way of its group.',
    header: 'p50 / p95 in milliseconds',
    lines,
  };
}

async function timeCase(
  server: Server,
  database: FilledDatabase,
  asked: ListCase,
  random: SeededRandom,
): Promise<Timed[]> {
  const sorts = asked.search === undefined ? (['newest', 'name'] as const) : (['search'] as const);
  const depths = asked.search === 'one' ? (['first page'] as const) : (['first page', 'deep'] as const);
  const timed: Timed[] = [];
  for (const sort of sorts) {
    for (const depth of depths) {
      const times: number[] = [];
      for (let index = 0; index < warmUps + requestsPerCase; index++) {
        const { parameters, matches } = asked.draw();
        const query = new URLSearchParams({ limit: '50', ...parameters });
        if (sort !== 'search') query.set('sort', sort);
        if (depth === 'deep') {
          const matching = database.samples.filter(matches);
          // Where a filter matches few keys, the sample may hold none of them: any place will do.
          const from = matching.length > 0 ? matching : database.samples;
          const row = from[random.below(from.length)];
          if (row !== undefined) {
            query.set('cursor', encodeCursor(sort === 'newest' ? [row.id] : [row.name_key, row.id]));
          }
        }
        const time = await timeRequest(`${server.url}/v1/api-keys?${query}`, database.managementSecret);
        if (index >= warmUps) times.push(time);
      }
      timed.push({
        name: `${asked.name}, ${sort}, ${depth}`,
        p50: quantile(times, 0.5),
        p95: quantile(times, 0.95),
      });
    }
  }
  return timed;
}

async function timeRequest(url: string, secret: string): Promise<number> {
  const started = performance.now();
  const response = await fetch(url, { headers: { authorization: `Bearer ${secret}` } });
  await response.arrayBuffer();
  const time = performance.now() - started;
  if (response.status !== 200) throw new Error(`A list was answered with ${response.status}: ${url}`);
  return time;
}
