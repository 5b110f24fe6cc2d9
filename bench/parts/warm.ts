import type { Bench } from '../context.ts';
import type { DatabaseKind } from '../fill/filled-database.ts';
import type { Line, Part } from '../line.ts';
import { type Contestant, figuresOf, openBare, openKeywright, ratios, runRound } from '../load/contestant.ts';
import { median, withSpread } from '../statistics.ts';

const asked = 700;
const few = 1_000;
const seconds = 6;
const settings = { KEYWRIGHT_WORKERS: '1' };

/** `POST /v1/verify` from the cache beside a bare server, and the same traffic with ever more keys in the database. */
export async function benchWarm(bench: Bench): Promise<Part> {
  const sizes = [...new Set([few, Math.min(100_000, bench.keys), bench.keys])];
  return {
    title: 'Verification over HTTP from the cache',
    about:
      `One process on one core, the load generator on the other, 64 connections, ${asked} keys at random, each asked for an endpoint; ` +
      'beside `node:http` alone, which reads and parses a body of the same size and answers one of the same size.',
    header: 'requests a second, median of the rounds (least to most)',
    lines: [...(await benchOn(bench, 'sqlite', sizes)), ...(await benchOn(bench, 'postgres', [few]))],
  };
}

async function benchOn(bench: Bench, kind: DatabaseKind, sizes: readonly number[]): Promise<Line[]> {
  const ours: { keys: number; contestant: Contestant }[] = [];
  for (const keys of sizes) {
    ours.push({ keys, contestant: await openKeywright(bench, { kind, keys, asked, settings }) });
  }
  const first = ours[0]?.contestant;
  if (first === undefined) throw new Error('There is nothing to measure.');
  const bare = await openBare(bench, first);
  const all = [bare, ...ours.map(({ contestant }) => contestant)];
  for (let round = 0; round < bench.rounds; round++) {
    for (const contestant of all) await runRound(contestant, { folder: bench.folder, seconds });
    bench.say(
      `${kind}, warm, round ${round + 1}: ${all.map((each) => each.rounds.at(-1)?.perSecond.toFixed(0)).join(' / ')}`,
    );
  }
  for (const { server } of all) await server.stop();
  return [
    { what: `bare server, beside ${kind}`, figure: figuresOf(bare) },
    { what: `${kind}, ${few} keys`, figure: figuresOf(first) },
    ...sharesOf(first, bare, kind),
    ...ours.slice(1).map(({ keys, contestant }) => growth(contestant, first, `${kind}, ${keys} keys`)),
  ];
}

function sharesOf(ours: Contestant, bare: Contestant, kind: DatabaseKind): Line[] {
  const share = ratios(ours, bare);
  const slowest = ratios(ours, bare, 'p99');
  return [
    {
      what: `${kind}: share of the bare server's`,
      figure: withSpread(share, 2),
      target: 'at least 0.85',
      met: median(share) >= 0.85,
    },
    {
      what: `${kind}: p99, in those of the bare server`,
      figure: withSpread(slowest, 2),
      target: 'at most 2.00',
      met: median(slowest) <= 2,
    },
  ];
}

function growth(more: Contestant, first: Contestant, what: string): Line {
  const share = ratios(more, first);
  return {
    what: `${what}, the same traffic: share of the figure with ${few}`,
    figure: withSpread(share, 2),
    target: 'at least 0.90',
    met: median(share) >= 0.9,
  };
}
