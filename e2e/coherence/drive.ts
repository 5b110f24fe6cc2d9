import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runTool } from '../../scripts/run-tool.ts';
import { createOrganization } from '../../server/src/domain/organizations/create-organization.ts';
import { randomFromSeed } from '../../server/test/random-from-seed.ts';
import type { World } from '../../server/test/verdict-changes/verdict-change.ts';
import { everyVerdictChange } from '../../server/test/verdict-changes/verdict-changes.ts';
import { createClient } from './client.ts';
import { ask, type Drive, type Lane } from './drive-context.ts';
import { repeatFault } from './faults.ts';
import { makeChange } from './make-change.ts';
import { plantStaleAnswers } from './plant-stale-answers.ts';
import { openStage, type Stage, type StageOptions } from './stage.ts';
import { describeTally, newTally, ofFault, sumOf, type Tally } from './tally.ts';

export type DriveOptions = StageOptions & {
  seed: number;
  /** Faults to go through, in this order, beside `none`, with which it begins. */
  faults: readonly string[];
  /** Changes under each fault. */
  changesPerFault: number;
  /** Whether, before any fault, at least the whole table is made once. */
  wholeTable: boolean;
  /** Ways to each node, which share no connection: more than one where a node has several workers. */
  lanesPerNode: number;
  /** Of each fault; then it goes on with the next. */
  mostSecondsPerFault: number;
  /** Changes that are under way at a time. */
  atATime: number;
  /** One change in so many is made by the command line, where it can. 0: none. */
  byCommandEvery: number;
  /** A fault of the product, so to speak, that the harness must find: one node answers from what it has kept for 200 ms. */
  plant: 'nothing' | 'stale answers';
};
export type DriveReport = { network: Stage['network']; tally: Tally };

const main = join(import.meta.dirname, '../../server/src/main.ts');

/** Runs nodes and clients, makes the changes, and judges every answer. Says how it goes on standard error. */
export async function drive(options: DriveOptions): Promise<DriveReport> {
  const random = randomFromSeed(options.seed);
  const stage = await openStage({ ...options, random });
  const planted =
    options.plant === 'nothing' ? undefined : await plantStaleAnswers(stage.nodes[1]?.url ?? '');
  const lanes = stage.nodes.flatMap(({ name, url }, node) =>
    Array.from({ length: options.lanesPerNode }, (): Lane => {
      const reached = node === 1 && planted ? planted.url : url;
      return { node, name, client: createClient(reached, 64) };
    }),
  );
  const given: Drive = {
    lanes,
    world: worldOf(stage, lanes, random, () => given.struck),
    tally: newTally(),
    random,
    fault: 'none',
    struck: new Set(),
    finished: [],
    runCommand: (args) => runCommand(stage, args),
    isOver: false,
  };
  try {
    const askers = lanes.flatMap((lane) => [keepAsking(given, lane), keepAsking(given, lane)]);
    const turns = takeTurns();
    for (const fault of ['none', ...options.faults]) await runUnder(given, stage, fault, options, turns);
    given.isOver = true;
    await Promise.race([Promise.all(askers), pause(15_000)]);
    console.error(describeTally(given.tally));
    for (const { what, detail } of given.tally.violations) console.error(`${what}: ${detail}`);
    return { network: stage.network, tally: given.tally };
  } finally {
    given.isOver = true;
    for (const lane of lanes) lane.client.close();
    await planted?.close();
    await stage.close();
  }
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
  const seconds = options.mostSecondsPerFault * (isWhole ? 4 : 1);
  let begun = 0;
  const isOver = () => performance.now() - started > seconds * 1_000;
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

/** A client that never stops: it asks one node about what was changed some time ago. */
async function keepAsking(drive: Drive, lane: Lane): Promise<void> {
  while (!drive.isOver) {
    const subject = drive.finished[Math.floor(drive.random() * drive.finished.length)];
    if (subject !== undefined) await ask(drive, lane, subject);
    await pause(10);
  }
}

/** Objects are prepared at nodes that nothing strikes; what is not answered as it should be is not used. */
function worldOf(
  stage: Stage,
  lanes: readonly Lane[],
  random: () => number,
  struck: () => ReadonlySet<number>,
): World {
  const pick = () => {
    const well = lanes.filter((lane) => !struck().has(lane.node));
    const among = well.length > 0 ? well : lanes;
    const lane = among[Math.floor(random() * among.length)];
    if (lane === undefined) throw new Error('There is no node.');
    return lane;
  };
  return {
    adminKey: stage.adminKey,
    call: (method, path, { key, body } = {}) =>
      pick().client.send({ method, path, body, key: key ?? stage.adminKey }, 8_000),
    newOrganization: async (name) => {
      const made = await stage.folder.withServices((services) =>
        createOrganization(services, { id: 'req_test' }, { name, brand: 'kw' }),
      );
      const organizationId = made.result.value.id;
      const command = ['management-keys', 'create', '--name', 'admin', '--scope', '*'];
      const key = await runCommand(stage, [...command, '--organization', organizationId], []);
      return { organizationId, adminKey: String((key as { secret: string }).secret) };
    },
  };
}

async function runCommand(
  stage: Stage,
  args: readonly string[],
  within: readonly string[] = ['--organization', stage.organizationId],
): Promise<unknown> {
  const words = ['--disable-warning=ExperimentalWarning', main, '--json', ...args, ...within];
  const env = { PATH: process.env.PATH, ...stage.folder.environment };
  const { code, output } = await runTool(process.execPath, words, { env });
  if (code !== 0) throw new Error(`keywright ${args.join(' ')}: ${output}`);
  return JSON.parse(output);
}
