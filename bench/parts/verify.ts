import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from '../context.ts';
import type { DatabaseKind } from '../fill/filled-database.ts';
import type { Line, Part } from '../line.ts';
import { runLoad } from '../load/run-load.ts';
import type { Server } from '../load/start-server.ts';
import { type RequestsFile, verifyBody, writeRequests } from '../load/write-requests.ts';
import { median, quantile, withSpread } from '../statistics.ts';

const few = 1_000;
const settleMs = 11_500;
const main = join(import.meta.dirname, '../../server/src/main.ts');
const bareServer = join(import.meta.dirname, '../load/bare-server.ts');

type Round = { perSecond: number; p50: number; p99: number; cpu: number | undefined; generator: number };
type Contestant = { server: Server; requests: RequestsFile; rounds: Round[] };

/** `POST /v1/verify` beside a bare server, with few and with many keys, taking turns in each round. */
export async function benchVerify(bench: Bench): Promise<Part> {
  const lines: Line[] = [];
  for (const kind of ['sqlite', 'postgres'] as const) lines.push(...(await benchOn(bench, kind)));
  return {
    title: 'Verification over HTTP',
    about:
      'One process, 64 connections, keys at random among those that pass; each request asks for an endpoint, too. The bare ' +
      'server is `node:http` alone: it reads and parses a body of the same size and answers one of the same size. Nothing is cached: ' +
      'every verification reads the management key and the API key from the database.',
    header: 'requests a second, median of the rounds (least to most)',
    lines,
  };
}

async function benchOn(bench: Bench, kind: DatabaseKind): Promise<Line[]> {
  const withFew = await openContestant(bench, kind, few);
  const withMany = await openContestant(bench, kind, bench.keys);
  const bare: Contestant = {
    server: await bench.start([bareServer, withFew.answer]),
    requests: withFew.requests,
    rounds: [],
  };
  for (let round = 0; round < bench.rounds; round++) {
    for (const contestant of [bare, withFew, withMany]) {
      contestant.rounds.push(await runRound(contestant, bench.folder));
      // So that its last uses are not written in the next one's time.
      if (contestant !== bare) await pause(settleMs);
    }
    bench.say(
      `${kind}, round ${round + 1}: ${[bare, withFew, withMany].map((each) => each.rounds.at(-1)?.perSecond.toFixed(0)).join(' / ')}`,
    );
  }
  for (const { server } of [bare, withFew, withMany]) await server.stop();

  const toBare = ratios(withFew, bare);
  const toFew = ratios(withMany, withFew);
  const promised = kind === 'sqlite';
  return [
    { what: `bare server, beside ${kind}`, figure: figuresOf(bare) },
    { what: `${kind}, ${few} keys`, figure: figuresOf(withFew) },
    {
      what: `${kind}, ${few} keys: share of the bare server's`,
      figure: withSpread(toBare, 2),
      ...(promised ? { target: 'at least 0.40', met: median(toBare) >= 0.4 } : {}),
    },
    { what: `${kind}, ${bench.keys} keys`, figure: figuresOf(withMany) },
    {
      what: `${kind}, ${bench.keys} keys: share of the bare server's`,
      figure: withSpread(ratios(withMany, bare), 2),
    },
    {
      what: `${kind}, ${bench.keys} keys: share of the figure with ${few}`,
      figure: withSpread(toFew, 2),
      ...(promised ? { target: 'at least 0.90', met: median(toFew) >= 0.9 } : {}),
    },
  ];
}

async function openContestant(
  bench: Bench,
  kind: DatabaseKind,
  keys: number,
): Promise<Contestant & { answer: string }> {
  const database = await bench.database(kind, keys);
  const server = await bench.start([main, 'serve'], database.environment);
  const [first] = database.passing;
  if (first === undefined) throw new Error('No key passes.');
  const response = await fetch(`${server.url}/v1/verify`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${database.managementSecret}`,
      'content-type': 'application/json',
    },
    body: verifyBody(first),
  });
  const answer = await response.text();
  return { server, requests: writeRequests(database, bench.folder), rounds: [], answer };
}

async function runRound({ server, requests, rounds }: Contestant, folder: string): Promise<Round> {
  const before = server.cpuSeconds();
  const result = await runLoad(
    {
      url: server.url,
      ...requests,
      expected: '{"allowed":true',
      connections: 64,
      // The first round also compiles and fills the page cache.
      warmUpSeconds: rounds.length === 0 ? 5 : 1,
      // Longer than uses are gathered for: what writing them costs belongs to whoever made them.
      seconds: 12,
    },
    folder,
  );
  const after = server.cpuSeconds();
  return {
    perSecond: result.requestsPerSecond,
    p50: result.p50,
    p99: result.p99,
    generator: result.generatorBusy,
    cpu: before === undefined || after === undefined ? undefined : (after - before) / result.allRequests,
  };
}

/** Round by round, so that what else the machine does at a time is in both. */
function ratios(of: Contestant, to: Contestant): number[] {
  return of.rounds.map((round, index) => round.perSecond / (to.rounds[index]?.perSecond ?? Number.NaN));
}

function figuresOf({ rounds }: Contestant): string {
  const times = (name: 'p50' | 'p99') => median(rounds.map((round) => round[name])).toFixed(1);
  const cpu = rounds.flatMap((round) => (round.cpu === undefined ? [] : [round.cpu * 1e6]));
  const busy = quantile(
    rounds.map((round) => round.generator),
    1,
  );
  return [
    `${withSpread(
      rounds.map((round) => round.perSecond),
      0,
    )}; p50 ${times('p50')} ms, p99 ${times('p99')} ms`,
    ...(cpu.length === 0 ? [] : [`${median(cpu).toFixed(0)} µs of processor time each`]),
    ...(busy > 0.9 ? [`the generator was ${(busy * 100).toFixed(0)} % busy: the server may do more`] : []),
  ].join('; ');
}
