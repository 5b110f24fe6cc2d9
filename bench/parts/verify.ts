import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from '../context.ts';
import type { DatabaseKind } from '../fill/filled-database.ts';
import type { Line, Part } from '../line.ts';
import { figuresOf, openBare, openKeywright, ratios, runRound } from '../load/contestant.ts';
import { median, withSpread } from '../statistics.ts';

const few = 1_000;
const settleMs = 11_500;
/** Longer than uses are gathered for: what writing them costs belongs to whoever made them. */
const seconds = 12;
const settings = { KEYWRIGHT_WORKERS: '1', KEYWRIGHT_CACHE_MB: '0' };

/** `POST /v1/verify` without a cache of keys beside a bare server, with few and with many keys, taking turns in each round. */
export async function benchVerify(bench: Bench): Promise<Part> {
  const lines: Line[] = [];
  for (const kind of ['sqlite', 'postgres'] as const) lines.push(...(await benchOn(bench, kind)));
  return {
    title: 'Verification over HTTP without a cache of keys',
    about:
      'One process, 64 connections, keys at random among those that pass; each request asks for an endpoint, too. The bare ' +
      'server is `node:http` alone: it reads and parses a body of the same size and answers one of the same size. With ' +
      '`KEYWRIGHT_CACHE_MB=0` every verification reads its key from the database.',
    header: 'requests a second, median of the rounds (least to most)',
    lines,
  };
}

async function benchOn(bench: Bench, kind: DatabaseKind): Promise<Line[]> {
  const withFew = await openKeywright(bench, { kind, keys: few, settings });
  const withMany = await openKeywright(bench, { kind, keys: bench.keys, settings });
  const bare = await openBare(bench, withFew);
  const all = [bare, withFew, withMany];
  for (let round = 0; round < bench.rounds; round++) {
    for (const contestant of all) {
      await runRound(contestant, { folder: bench.folder, seconds });
      // So that its last uses are not written in the next one's time.
      if (contestant !== bare) await pause(settleMs);
    }
    bench.say(
      `${kind}, round ${round + 1}: ${all.map((each) => each.rounds.at(-1)?.perSecond.toFixed(0)).join(' / ')}`,
    );
  }
  for (const { server } of all) await server.stop();

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
