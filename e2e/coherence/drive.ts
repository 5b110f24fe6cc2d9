import { everyVerdictChange } from '../../server/test/verdict-changes/verdict-changes.ts';
import type { Drive } from './drive-context.ts';
import { repeatFault } from './faults.ts';
import { makeChange } from './make-change.ts';
import { type DriveReport, type OpenOptions, withDrive } from './open-drive.ts';
import type { Stage } from './stage.ts';
import { ofFault, sumOf } from './tally.ts';

export type DriveOptions = OpenOptions & {
  /** Faults to go through, in this order; `none` is one of them. */
  faults: readonly string[];
  /** Changes under each fault. */
  changesPerFault: number;
  /** Whether under `none` at least the whole table is made once. */
  wholeTable: boolean;
  /** Of each fault; then it goes on with the next, if some changes were made. */
  mostSecondsPerFault: number;
  /** Changes that are under way at a time. */
  atATime: number;
  /** One change in so many is made by the command line, where it can. 0: none. */
  byCommandEvery: number;
  /** Ends as soon as an answer was wrong: for runs of which that is expected. */
  endAtFirst: boolean;
};

const leastUnderEach = 3;

/** Makes the changes of the table in turn under each of the faults, and judges every answer. Says how it goes on standard error. */
export function driveChanges(options: DriveOptions): Promise<DriveReport> {
  return withDrive(options, async (drive, stage) => {
    const turns = takeTurns();
    for (const fault of options.faults) await runUnder(drive, stage, fault, options, turns);
    return {};
  });
}

function takeTurns() {
  let turn = 0;
  return () => {
    turn += 1;
    return { turn, change: everyVerdictChange[(turn - 1) % everyVerdictChange.length] };
  };
}

async function runUnder(
  drive: Drive,
  stage: Stage,
  name: string,
  options: DriveOptions,
  turns: ReturnType<typeof takeTurns>,
): Promise<void> {
  const fault = stage.faults[name];
  if (fault === undefined && name !== 'none') throw new Error(`There is no fault ${name}.`);
  drive.fault = name;
  const tally = ofFault(drive.tally, name);
  const isWhole = name === 'none' && options.wholeTable;
  const wanted = Math.max(options.changesPerFault, isWhole ? everyVerdictChange.length : 0);
  const started = performance.now();
  const seconds = options.mostSecondsPerFault * (isWhole ? 8 : 1);
  let begun = 0;
  const isOver = () => {
    if (options.endAtFirst && drive.tally.violations.length > 0) return true;
    const over = performance.now() - started - seconds * 1_000;
    return over > 0 && (tally.changes >= leastUnderEach || over > 40_000);
  };
  const worker = async () => {
    while (begun < wanted && !isOver()) {
      begun += 1;
      const { turn, change } = turns();
      const byCommand = options.byCommandEvery > 0 && turn % options.byCommandEvery === 0;
      if (change) await makeChange(drive, change, byCommand);
    }
  };
  let areChangesMade = false;
  const striking =
    fault &&
    repeatFault(fault, {
      nodes: stage.nodes.length,
      random: drive.random,
      setStruck: (nodes) => {
        drive.struck = nodes;
      },
      isOver: () => areChangesMade,
    });
  await Promise.all(Array.from({ length: options.atATime }, worker));
  areChangesMade = true;
  await striking;
  const took = ((performance.now() - started) / 1_000).toFixed(1);
  console.error(
    `${name}: ${tally.changes} changes in ${took} s, ${sumOf(drive.tally, (one) => one.changes)} so far`,
  );
}
