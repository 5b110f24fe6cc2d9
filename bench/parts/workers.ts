import type { Bench } from '../context.ts';
import type { Part } from '../line.ts';
import { type Contestant, figuresOf, openBare, openKeywright, ratios, runRound } from '../load/contestant.ts';
import { median, withSpread } from '../statistics.ts';

const keys = 1_000;
const seconds = 6;

/** What a second worker gains, beside what a second process of the bare server gains. */
export async function benchWorkers(bench: Bench): Promise<Part> {
  const open = (workers: number) =>
    openKeywright(bench, {
      kind: 'sqlite',
      keys,
      settings: { KEYWRIGHT_WORKERS: String(workers) },
      core: 'any',
    });
  const one = await open(1);
  const two = await open(2);
  const bareOne = await openBare(bench, one, { processes: 1, core: 'any' });
  const bareTwo = await openBare(bench, one, { processes: 2, core: 'any' });
  const all: Contestant[] = [bareOne, bareTwo, one, two];
  for (let round = 0; round < bench.rounds; round++) {
    for (const contestant of all) await runRound(contestant, { folder: bench.folder, seconds, core: 'any' });
    bench.say(
      `workers, round ${round + 1}: ${all.map((each) => each.rounds.at(-1)?.perSecond.toFixed(0)).join(' / ')}`,
    );
  }
  for (const { server } of all) await server.stop();
  const bareGain = ratios(bareTwo, bareOne);
  const gain = ratios(two, one);
  const share = gain.map((value, index) => value / (bareGain[index] ?? Number.NaN));
  return {
    title: 'A second worker',
    about:
      'SQLite, from the cache, 64 connections. Nothing is pinned, and the load generator takes its share of the same cores, so that on two ' +
      'of them a second process gains little, ours or bare.',
    header: 'requests a second, median of the rounds (least to most)',
    lines: [
      { what: 'bare server, one process', figure: figuresOf(bareOne) },
      { what: 'bare server, two processes', figure: figuresOf(bareTwo) },
      { what: 'one worker', figure: figuresOf(one) },
      { what: 'two workers', figure: figuresOf(two) },
      { what: 'two processes of the bare server, in one', figure: withSpread(bareGain, 2) },
      { what: 'two workers, in one', figure: withSpread(gain, 2) },
      {
        what: "gain of the second worker, in that of the bare server's",
        figure: withSpread(share, 2),
        target: 'at least 0.85',
        met: median(share) >= 0.85,
      },
    ],
  };
}
