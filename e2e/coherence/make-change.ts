import { setTimeout as pause } from 'node:timers/promises';
import type { Body } from '../../server/test/harness.ts';
import type { Call, Prepared, VerdictChange } from '../../server/test/verdict-changes/verdict-change.ts';
import { asCommand } from './as-command.ts';
import { ask, type Drive, type Lane, type Subject } from './drive-context.ts';
import { beginChange, beginHistory } from './history.ts';
import { keepUnexpected, ofFault } from './tally.ts';

/** Between two questions of one client about one subject. */
const breathMs = 50;
const warmUpMs = 1_000;
const watchMs = 1_500;
const asksAfterReturn = 2;
/** A call that takes longer is given up, and made again at another node: whether it was done is not known. */
const patience = 8_000;
const mostAttempts = 20;

type Watch = {
  /** Resolves when every node that is not struck was heard once. */
  warm: Promise<boolean>;
  /** Resolves when every node has answered so many questions sent after now, or time is up. */
  seen: () => Promise<void>;
  end: () => void;
};

/** One change of the table, from making its objects to looking at its effect at every node. */
export async function makeChange(drive: Drive, change: VerdictChange, byCommand: boolean): Promise<void> {
  const prepared = await prepare(drive, change);
  if (prepared === undefined) return;
  const { question, show } = prepared;
  const history = beginHistory(prepared.before);
  const subject: Subject | undefined =
    typeof question === 'function' ? undefined : { what: change.what, question, show, history };
  let watch = subject && watchEverywhere(drive, subject);
  try {
    if (await watch?.warm) drive.tally.warm += 1;
    const { fault } = drive;
    const returned = beginChange(history, prepared.after, performance.now());
    const done = await callUntilReturned(drive, prepared, byCommand);
    returned(performance.now());
    if (done === undefined) return keepUnexpected(drive.tally, `${change.what} never returned (${fault})`);
    const tally = ofFault(drive.tally, fault);
    tally.changes += 1;
    // A command takes most of its time to start.
    if (!done.byCommand) tally.returned.push(done.milliseconds);
    drive.tally.made[change.what] = (drive.tally.made[change.what] ?? 0) + 1;
    drive.tally.awaited = Math.max(drive.tally.awaited, done.body?.propagation?.verifiers ?? 0);
    const asked = subject ?? { what: change.what, question: toCall(question, done.body), show, history };
    watch ??= watchEverywhere(drive, asked);
    await watch.seen();
    drive.finished.push(asked);
    if (drive.finished.length > 300) drive.finished.shift();
  } finally {
    watch?.end();
  }
}

function toCall(question: Prepared['question'], body: Body): Call {
  return typeof question === 'function' ? question(body) : question;
}

/** A call of the preparation that was not answered may still be done later: those objects are left alone, and others made. */
async function prepare(drive: Drive, change: VerdictChange): Promise<Prepared | undefined> {
  for (let attempt = 0; attempt < mostAttempts && !drive.isOver; attempt++) {
    try {
      return await change.prepare(drive.world);
    } catch (error) {
      // A fault, or a busy machine, explains that there was no answer or a 503, and what follows from it; nothing else does.
      if (drive.fault === 'none' && /: 4\d\d /.test(String(error)))
        keepUnexpected(drive.tally, `${change.what} could not be prepared: ${error}`);
      await pause(100);
    }
  }
  return undefined;
}

function watchEverywhere(drive: Drive, subject: Subject): Watch {
  let isOver = false;
  let returnedAt = Number.POSITIVE_INFINITY;
  const heard = new Set<Lane>();
  const after = new Map<Lane, number>();
  const everyNode = (holds: (lane: Lane) => boolean) =>
    drive.lanes.every((lane) => drive.struck.has(lane.node) || holds(lane));
  async function askOnce(lane: Lane): Promise<void> {
    const answer = await ask(drive, lane, subject);
    if (answer === undefined) return;
    heard.add(lane);
    if (answer.sentAt > returnedAt) after.set(lane, (after.get(lane) ?? 0) + 1);
  }
  async function keepAsking(lane: Lane): Promise<void> {
    for (; !isOver && !drive.isOver; await pause(breathMs)) await askOnce(lane);
  }
  for (const lane of drive.lanes) void keepAsking(lane);
  const until = async (holds: () => boolean, milliseconds: number) => {
    const started = performance.now();
    while (!holds() && performance.now() - started < milliseconds) await pause(5);
    return holds();
  };
  return {
    warm: until(() => everyNode((lane) => heard.has(lane)), warmUpMs),
    seen: async () => {
      returnedAt = performance.now();
      // At once, and at stopped nodes too, where an earlier question still waits: they answer both when they go on.
      for (const lane of drive.lanes) void askOnce(lane);
      await until(() => everyNode((lane) => (after.get(lane) ?? 0) >= asksAfterReturn), watchMs);
    },
    end: () => {
      isOver = true;
    },
  };
}

/** Makes the call at a random node, and again at others, until one says that it is done. */
async function callUntilReturned(
  drive: Drive,
  { change, again = [] }: Prepared,
  byCommand: boolean,
): Promise<{ body: Body; milliseconds: number; byCommand: boolean } | undefined> {
  const key = change.key ?? drive.world.adminKey;
  const command = byCommand && change.key === undefined ? asCommand(change) : undefined;
  for (let attempt = 0; attempt < mostAttempts && !drive.isOver; attempt++) {
    const { fault } = drive;
    const begun = performance.now();
    try {
      if (command !== undefined) {
        const body = (await drive.runCommand(command)) as Body;
        return { body, milliseconds: performance.now() - begun, byCommand: true };
      }
      const lane = drive.lanes[Math.floor(drive.random() * drive.lanes.length)];
      if (lane === undefined) return undefined;
      const answer = await lane.client.send({ ...change, key }, patience);
      const isDone = [200, 201].includes(answer.status) || (attempt > 0 && again.includes(answer.status));
      if (isDone) return { body: answer.body, milliseconds: performance.now() - begun, byCommand: false };
      if (answer.status < 500) {
        keepUnexpected(drive.tally, `${change.method} ${change.path}: ${JSON.stringify(answer.body)}`);
        return undefined;
      }
      if (answer.status === 500) keepUnexpected(drive.tally, `500 to ${change.method} ${change.path}`);
    } catch {
      // Not answered: done or not, it is asked for again.
    }
    ofFault(drive.tally, fault).repeated += 1;
    await pause(50);
  }
  return undefined;
}
