import { join } from 'node:path';
import type { Bench } from '../context.ts';
import type { Line, Part } from '../line.ts';
import { verifyBody } from '../load/write-requests.ts';
import { median, withSpread } from '../statistics.ts';

const main = join(import.meta.dirname, '../../server/src/main.ts');
const bareServer = join(import.meta.dirname, '../load/bare-server.ts');

/** From the start of the program to its first verification, with many keys, less what a bare server needs. */
export async function benchStart(bench: Bench): Promise<Part> {
  const lines: Line[] = [];
  const bare: number[] = [];
  for (const kind of ['sqlite', 'postgres'] as const) {
    const database = await bench.database(kind, bench.keys);
    const [first] = database.passing;
    if (first === undefined) throw new Error('No key passes.');
    const request = {
      method: 'POST',
      headers: {
        authorization: `Bearer ${database.managementSecret}`,
        'content-type': 'application/json',
      },
      body: verifyBody(first),
    };
    const own: number[] = [];
    for (let round = 0; round < bench.rounds; round++) {
      bare.push(await timeStart(bench, [bareServer, '{"allowed":true}'], {}, request));
      own.push(await timeStart(bench, [main, 'serve'], database.environment, request));
    }
    const work = own.map((time, index) => time - (bare.at(index - own.length) ?? 0));
    lines.push(
      { what: `${kind}: program started to first verification answered`, figure: withSpread(own, 0) },
      {
        what: `${kind}: of it beyond what a bare server takes`,
        figure: withSpread(work, 0),
        target: 'under 1,000 ms',
        met: median(work) < 1_000,
      },
    );
  }
  lines.unshift({ what: 'bare server: program started to first answer', figure: withSpread(bare, 0) });
  return {
    title: `Start with ${bench.keys} keys`,
    about: 'Loading the program, looking at the database, listening, answering.',
    header: 'milliseconds, median of the rounds (least to most)',
    lines,
  };
}

async function timeStart(
  bench: Bench,
  args: readonly string[],
  env: Record<string, string>,
  request: RequestInit,
): Promise<number> {
  const started = performance.now();
  const server = await bench.start(args, env);
  const response = await fetch(`${server.url}/v1/verify`, request);
  const body = await response.text();
  const time = performance.now() - started;
  await server.stop();
  if (!body.startsWith('{"allowed":true')) throw new Error(`The first answer was ${response.status}.`);
  return time;
}
