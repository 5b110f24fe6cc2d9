import { setTimeout as pause } from 'node:timers/promises';
import { randomFromSeed } from '../../server/test/random-from-seed.ts';
import type { World } from '../../server/test/verdict-changes/verdict-change.ts';
import { createClient } from './client.ts';
import { ask, type Drive, type Lane } from './drive-context.ts';
import { plantStaleAnswers } from './plant-stale-answers.ts';
import { runKeywright } from './run-keywright.ts';
import { openStage, type Stage, type StageOptions } from './stage.ts';
import { describeTally, newTally, type Tally } from './tally.ts';

export type OpenOptions = StageOptions & {
  seed: number;
  /** Ways to each node, which share no connection: more than one where a node has several workers. */
  lanesPerNode: number;
  /** A fault of the product, so to speak, that the harness must find: one node answers from what it kept for half a second. */
  plant: 'nothing' | 'stale answers';
};
export type DriveReport = {
  network: Stage['network'];
  tally: Tally;
  /** What a scene measured, in words. */
  figures: Record<string, string>;
};

const ends = new Set<() => Promise<void>>();

/** Ends whatever runs of this process still hold. */
export async function endEverything(): Promise<void> {
  await Promise.all([...ends].map((end) => end()));
}

/** Starts nodes and clients that never stop asking, lets `act` do what it will, and ends all of it, whatever comes. */
export async function withDrive(
  options: OpenOptions,
  act: (drive: Drive, stage: Stage) => Promise<Record<string, string>>,
): Promise<DriveReport> {
  const random = randomFromSeed(options.seed);
  const stage = await openStage({ ...options, random, ends });
  const planted =
    options.plant === 'nothing' ? undefined : await plantStaleAnswers(stage.nodes[1]?.url ?? '');
  const lanes = stage.nodes.flatMap(({ name, url }, node) =>
    Array.from({ length: options.lanesPerNode }, (): Lane => {
      const reached = node === 1 && planted ? planted.url : url;
      return { node, name, client: createClient(reached, 64) };
    }),
  );
  const drive: Drive = {
    lanes,
    world: worldOf(stage, lanes, random, () => drive.struck),
    tally: newTally(),
    random,
    fault: 'none',
    struck: new Set(),
    finished: [],
    runCommand: (args) =>
      runKeywright(stage.folder.environment, [...args, '--organization', stage.organizationId]),
    isOver: false,
  };
  try {
    const askers = lanes.flatMap((lane) => [keepAsking(drive, lane), keepAsking(drive, lane)]);
    const figures = await act(drive, stage);
    drive.isOver = true;
    await Promise.race([Promise.all(askers), pause(15_000)]);
    console.error(describeTally(drive.tally));
    return { network: stage.network, tally: drive.tally, figures };
  } catch (error) {
    for (const { name, served } of stage.nodes)
      console.error(`${name} said: ${served()?.said().slice(-2_000)}`);
    throw error;
  } finally {
    drive.isOver = true;
    for (const lane of lanes) lane.client.close();
    await planted?.close();
    await stage.close();
  }
}

/** A client that never stops: it asks one node about what was changed some time ago. */
async function keepAsking(drive: Drive, lane: Lane): Promise<void> {
  while (!drive.isOver) {
    const subject = drive.finished[Math.floor(drive.random() * drive.finished.length)];
    if (subject !== undefined) await ask(drive, lane, subject);
    await pause(20);
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
    newOrganization: () => stage.folder.makeAdmin(),
  };
}
