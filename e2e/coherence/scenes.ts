import { setTimeout as pause } from 'node:timers/promises';
import { quantile } from '../../bench/statistics.ts';
import { makeApplication } from '../../server/test/fixtures.ts';
import { foreignSecret, ask as questionOf } from '../../server/test/verdict-changes/verdict-change.ts';
import { ask, type Drive, type Subject } from './drive-context.ts';
import { beginChange, beginHistory } from './history.ts';
import { type DriveReport, type OpenOptions, withDrive } from './open-drive.ts';
import type { Stage } from './stage.ts';
import { keepUnexpected, ofFault } from './tally.ts';
import { everyNodeHasDecided, issueKeys, type Toggled, toggle } from './toggled-keys.ts';

export type SceneOptions = OpenOptions & {
  scene: 'burst' | 'import' | 'rolling restart' | 'database restart';
  /** How long a burst lasts. */
  seconds: number;
};

/** What an operator does on an ordinary day, or has happen, while clients never stop asking. */
export function driveScene(options: SceneOptions): Promise<DriveReport> {
  return withDrive(options, async (drive, stage) => {
    const keys = await issueKeys(drive, 40);
    drive.finished.push(...keys);
    await everyNodeHasDecided(drive, keys[0] as Toggled);
    drive.fault = options.scene;
    if (options.scene === 'burst') return burst(drive, keys, options.seconds);
    if (options.scene === 'import') return importMany(drive);
    if (options.scene === 'rolling restart') return rollingRestart(drive, stage, keys);
    return restartDatabase(drive, stage, keys);
  });
}

const burstRate = 200;
/** More at a time would only wait for each other: changes of one organization are made one after the other. */
const mostAtATime = 16;

/** 200 changes a second, sent when they are due, for so many seconds; fewer where the machine does not make as many. */
async function burst(drive: Drive, keys: Toggled[], seconds: number): Promise<Record<string, string>> {
  const started = performance.now();
  const running = new Set<Promise<unknown>>();
  for (let n = 0; n < seconds * burstRate && performance.now() - started < seconds * 1_000; n++) {
    const due = started + (n * 1_000) / burstRate;
    while (performance.now() < due) await pause(1);
    if (running.size === mostAtATime) await Promise.race(running);
    const idle = keys.find((key) => !key.isBusy);
    if (idle === undefined) throw new Error('There are fewer keys than changes at a time.');
    // The next time it is another one's turn.
    keys.push(...keys.splice(keys.indexOf(idle), 1));
    const one = toggle(drive, idle).finally(() => running.delete(one));
    running.add(one);
  }
  await Promise.all(running);
  const { changes } = ofFault(drive.tally, drive.fault);
  const rate = (changes * 1_000) / (performance.now() - started);
  return { 'changes a second (200 were to be made)': rate.toFixed(0) };
}

/** 10,000 keys in one call. */
async function importMany(drive: Drive): Promise<Record<string, string>> {
  const application = await makeApplication(drive.world);
  const secrets = Array.from({ length: 10_000 }, foreignSecret);
  const asked = secrets
    .filter((_, index) => index % 500 === 0)
    .map(
      (secret): Subject => ({
        what: 'an imported key',
        question: questionOf(secret),
        show: undefined,
        history: beginHistory('unknown_key'),
      }),
    );
  const row = (secret: string, index: number) => ({
    name: `Imported ${index}`,
    applicationId: application.id,
    environment: 'production',
    secret,
  });
  const imported = (keys: object[]) =>
    drive.lanes[0]?.client.send(
      { method: 'POST', path: '/v1/api-keys/import', body: { keys }, key: drive.world.adminKey },
      120_000,
    );
  await imported([row(foreignSecret(), 0)]);
  drive.finished.push(...asked);
  const begun = performance.now();
  const returned = asked.map(({ history }) => beginChange(history, 'allowed', begun));
  const answer = await imported(secrets.map(row));
  const at = performance.now();
  for (const one of returned) one(at);
  if (answer?.body.imported !== secrets.length)
    keepUnexpected(drive.tally, JSON.stringify(answer).slice(0, 500));
  const tally = ofFault(drive.tally, drive.fault);
  tally.changes += 1;
  tally.returned.push(at - begun);
  await Promise.all(drive.lanes.flatMap((lane) => asked.map((subject) => ask(drive, lane, subject))));
  return { 'keys a second': ((1_000 * secrets.length) / (at - begun)).toFixed(0) };
}

/** Each node in turn is told to end and started again; meanwhile keys go on changing. */
async function rollingRestart(drive: Drive, stage: Stage, keys: Toggled[]): Promise<Record<string, string>> {
  let isOver = false;
  const changing = (async () => {
    for (let n = 0; !isOver; n++) {
      await toggle(drive, keys[n % keys.length] as Toggled);
      await pause(50);
    }
  })();
  const away: number[] = [];
  for (const [index, node] of stage.nodes.entries()) {
    drive.struck = new Set([index]);
    // As a load balancer does before it lets one go: nothing new goes there.
    await pause(50);
    const begun = performance.now();
    await node.end('SIGTERM');
    await node.start();
    away.push(performance.now() - begun);
    await pause(100);
    drive.struck = new Set();
    await pause(300);
  }
  isOver = true;
  await changing;
  return { 'each node was away for at most ms': quantile(away, 1).toFixed(0) };
}

/** A fast restart, as for an update. Nodes may refuse after their leases, and are back by themselves. */
async function restartDatabase(drive: Drive, stage: Stage, keys: Toggled[]): Promise<Record<string, string>> {
  const all = new Set(stage.nodes.keys());
  const down: number[] = [];
  const back: number[] = [];
  for (let times = 0; times < 3; times++) {
    drive.struck = all;
    const begun = performance.now();
    await stage.restartDatabase();
    const isUp = performance.now();
    down.push(isUp - begun);
    await everyNodeHasDecided(drive, keys[0] as Toggled);
    back.push(performance.now() - isUp);
    drive.struck = new Set();
    // And changes are made again, at once or soon.
    await Promise.all(keys.slice(0, 4).map((key) => toggle(drive, key)));
  }
  const most = (values: number[]) => quantile(values, 1).toFixed(0);
  return {
    'the database was away for at most ms': most(down),
    'then every node decided again within ms': most(back),
  };
}
