import type { Bench } from '../context.ts';
import type { Line, Part } from '../line.ts';
import { type InProcessResult, runInProcess } from '../load/run-in-process.ts';
import { median, withSpread } from '../statistics.ts';

const few = 1_000;

/** The verifier without HTTP: warm, with every key a miss, and what a key takes in memory. */
export async function benchInProcess(bench: Bench): Promise<Part> {
  const lines: Line[] = [];
  for (const keys of [few, bench.keys]) {
    const database = await bench.database('sqlite', keys);
    const result = await runInProcess(database, bench);
    lines.push(...warmLines(result, keys));
    if (keys !== few) lines.push(...coldLines(result, keys), ...memoryLines(result, keys));
  }
  return {
    title: 'The verifier in process',
    about:
      'Without HTTP, with last uses kept, on SQLite, one core. Warm: keys at random, all of them in the cache, 64 in a turn of the ' +
      'event loop, beside a SHA-256 of the secret and a look into a Map. Cold: each key for the first time, beside the hashes and the prepared ' +
      'statement alone.',
    header: 'verifications a second, median of the rounds (least to most)',
    lines,
  };
}

function warmLines({ reference, warm }: InProcessResult, keys: number): Line[] {
  const ratios = ratiosOf(warm, reference);
  return [
    { what: `SHA-256 and Map, ${keys} keys`, figure: withSpread(reference, 0) },
    { what: `verifier, warm, ${keys} keys`, figure: withSpread(warm, 0) },
    {
      what: `verifier, warm, ${keys} keys: share of SHA-256 and Map`,
      figure: withSpread(ratios, 2),
      target: 'at least 0.50',
      met: median(ratios) >= 0.5,
    },
  ];
}

function coldLines({ cold, coldBare }: InProcessResult, keys: number): Line[] {
  const ratios = ratiosOf(cold, coldBare);
  return [
    { what: `hashes and prepared statement, ${keys} keys`, figure: withSpread(coldBare, 0) },
    { what: `verifier, every key a miss, ${keys} keys`, figure: withSpread(cold, 0) },
    {
      what: `verifier, every key a miss, ${keys} keys: share of hashes and statement`,
      figure: withSpread(ratios, 2),
      target: 'at least 0.60',
      met: median(ratios) >= 0.6,
    },
  ];
}

function memoryLines({ bytesPerKey, counted }: InProcessResult, keys: number): Line[] {
  return [
    {
      what: `memory of a key in the cache, ${keys} keys`,
      figure: `${bytesPerKey.toFixed(0)} bytes of the heap; the cache counts it as ${counted.toFixed(0)}`,
      target: 'under 700 bytes',
      met: bytesPerKey < 700,
    },
  ];
}

function ratiosOf(of: readonly number[], to: readonly number[]): number[] {
  return of.map((value, index) => value / (to[index] ?? Number.NaN));
}
