import { join } from 'node:path';
import type { Bench } from '../context.ts';
import type { DatabaseKind } from '../fill/filled-database.ts';
import { median, quantile, withSpread } from '../statistics.ts';
import { runLoad } from './run-load.ts';
import type { Server } from './start-server.ts';
import type { RequestsFile } from './write-raw-requests.ts';
import { verifyBody, writeRequests } from './write-requests.ts';

const main = join(import.meta.dirname, '../../server/src/main.ts');
const bareServer = join(import.meta.dirname, 'bare-server.ts');

/** As every way to start it has it: docs/decisions/0017-the-hot-path.md. */
const heapArgument = '--min-semi-space-size=8';

type Round = { perSecond: number; p50: number; p99: number; cpu: number | undefined; generator: number };
export type Contestant = {
  server: Server;
  requests: RequestsFile;
  /** One whole answer, and how every answer begins. */
  answer: string;
  expected: string;
  rounds: Round[];
};
type Core = 0 | 'any';

/** A Keywright on a filled database; `keys`: how many are asked for, all that pass if it is not said. */
export async function openKeywright(
  bench: Bench,
  given: { kind: DatabaseKind; keys: number; asked?: number; settings: Record<string, string>; core?: Core },
): Promise<Contestant> {
  const database = await bench.database(given.kind, given.keys);
  const server = await bench.start(
    [heapArgument, main, 'serve'],
    { ...database.environment, ...given.settings },
    given.core ?? 0,
  );
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
  const requests = writeRequests(database, bench.folder, given.asked);
  return { server, requests, answer, expected: '{"allowed":true', rounds: [] };
}

/** The bare server, which is asked and answers the same as the other. */
export async function openBare(
  bench: Bench,
  { answer, expected, requests }: Contestant,
  given: { processes: number; core: Core } = { processes: 1, core: 0 },
): Promise<Contestant> {
  const server = await bench.start([bareServer, answer, String(given.processes)], {}, given.core);
  return { server, requests, answer, expected, rounds: [] };
}

/** One more round of load; `core`: where the generator runs. */
export async function runRound(
  { server, requests, expected, rounds }: Contestant,
  given: { folder: string; seconds: number; core?: 1 | 'any' },
): Promise<Round> {
  const before = server.cpuSeconds();
  const result = await runLoad(
    {
      url: server.url,
      ...requests,
      expected,
      connections: 64,
      // The first round also compiles and fills caches.
      warmUpSeconds: rounds.length === 0 ? 5 : 1,
      seconds: given.seconds,
      core: given.core ?? 1,
    },
    given.folder,
  );
  const after = server.cpuSeconds();
  const round = {
    perSecond: result.requestsPerSecond,
    p50: result.p50,
    p99: result.p99,
    generator: result.generatorBusy,
    cpu: before === undefined || after === undefined ? undefined : (after - before) / result.allRequests,
  };
  rounds.push(round);
  return round;
}

/** Round by round, so that what else the machine does at a time is in both. */
export function ratios(of: Contestant, to: Contestant, figure: 'perSecond' | 'p99' = 'perSecond'): number[] {
  return of.rounds.map((round, index) => round[figure] / (to.rounds[index]?.[figure] ?? Number.NaN));
}

export function figuresOf({ rounds }: Contestant): string {
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
