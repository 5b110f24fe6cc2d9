import type { Call, Prepared, World } from '../../server/test/verdict-changes/verdict-change.ts';
import { readVerdict } from '../../server/test/verdict-changes/verdict-change.ts';
import type { Client, Timed } from './client.ts';
import { addDuration } from './durations.ts';
import { type History, judge, rightVerdicts } from './history.ts';
import { keepViolation, noteNode, ofFault, type Tally } from './tally.ts';

/** A way to one node, over connections of its own. */
export type Lane = { node: number; name: string; client: Client };

export type Drive = {
  lanes: readonly Lane[];
  world: World;
  tally: Tally;
  random: () => number;
  /** The fault that goes on. */
  fault: string;
  /** The nodes that it has struck just now. */
  struck: ReadonlySet<number>;
  /** Questions whose changes are over: they are asked again and again to the end. */
  finished: Subject[];
  /** Runs one of the command line's commands; resolves to its answer where it succeeded. */
  runCommand: (args: readonly string[]) => Promise<unknown>;
  isOver: boolean;
};

/** A question, and what is known of its right answer. */
export type Subject = { what: string; question: Call; show: Prepared['show']; history: History };

/** Longer than any fault is held; a question to a stopped node is answered when it goes on. */
const patience = 12_000;

/** Asks one node once and judges what it says. Undefined: it came to no decision. */
export async function ask(drive: Drive, lane: Lane, subject: Subject): Promise<Timed | undefined> {
  const { fault } = drive;
  let isStruck = drive.struck.has(lane.node);
  let answer: Timed | undefined;
  try {
    const { question } = subject;
    answer = await lane.client.send({ ...question, key: question.key ?? drive.world.adminKey }, patience);
  } catch {
    // No whole answer: the node is stopped, killed, or starting.
  }
  isStruck ||= drive.struck.has(lane.node);
  const tally = ofFault(drive.tally, fault);
  const verdict = answer && readVerdict(answer, subject.show);
  noteNode(drive.tally, lane.name, verdict !== undefined);
  if (answer === undefined || verdict === undefined) {
    tally.undecided[isStruck ? 'struck' : 'others'] += 1;
    return undefined;
  }
  const { sentAt, answeredAt } = answer;
  if (!isStruck) {
    tally.decidedByOthers += 1;
    // Another question is a change that is to be refused, which waits as changes do.
    if (subject.question.path === '/v1/verify') addDuration(tally.answered, answeredAt - sentAt);
  }
  const finding = judge(subject.history, verdict, sentAt, answeredAt);
  tally.verifications[finding] += 1;
  if (finding !== 'right') {
    const returnedAt = Math.max(...subject.history.states.map((state) => state.returnedAt));
    const right = rightVerdicts(subject.history, sentAt, answeredAt).join(' or ');
    keepViolation(drive.tally, {
      what: finding,
      detail:
        `${subject.what}; ${fault}; ${lane.name}${isStruck ? ' (struck)' : ''}: said ${verdict}, right was ${right}; ` +
        `sent ${(sentAt - returnedAt).toFixed(1)} ms after the return, answered ${(answeredAt - sentAt).toFixed(1)} ms later`,
    });
  }
  return answer;
}
