import { quantile } from '../../bench/statistics.ts';
import { type Durations, durationOf, noDurations, sumOfDurations } from './durations.ts';
import type { Finding } from './history.ts';

/** What happened while one kind of fault went on. */
export type FaultTally = {
  changes: number;
  /** Calls that were answered 503, or not at all, and were made again. */
  repeated: number;
  verifications: Record<Finding, number>;
  /** Verifications that came to no decision, at nodes that the fault struck, and at the others. */
  undecided: { struck: number; others: number };
  decidedByOthers: number;
  /** From question to answer, of decisions at nodes that the fault did not strike. */
  answered: Durations;
  /** Milliseconds from call to return, of the call that returned. */
  returned: number[];
};

export type Violation = { what: string; detail: string };
export type Tally = {
  faults: Record<string, FaultTally>;
  /** Of each node, all faults together. */
  nodes: Record<string, { decided: number; undecided: number }>;
  /** How often each change of the table was made. */
  made: Record<string, number>;
  /** How many had been asked of every node before the change, so that all of them may have kept the old state. */
  warm: number;
  /** Most verifiers that a change says it waited for. */
  awaited: number;
  violations: Violation[];
  /** Answers that no table foresees. */
  unexpected: string[];
};

const mostKept = 20;

export function newTally(): Tally {
  return { faults: {}, nodes: {}, made: {}, warm: 0, awaited: 0, violations: [], unexpected: [] };
}

export function ofFault(tally: Tally, fault: string): FaultTally {
  tally.faults[fault] ??= {
    changes: 0,
    repeated: 0,
    verifications: { right: 0, 'allowed after return': 0, 'refused after return': 0, 'wrong otherwise': 0 },
    undecided: { struck: 0, others: 0 },
    decidedByOthers: 0,
    answered: noDurations(),
    returned: [],
  };
  return tally.faults[fault];
}

export function noteNode(tally: Tally, node: string, decided: boolean): void {
  tally.nodes[node] ??= { decided: 0, undecided: 0 };
  tally.nodes[node][decided ? 'decided' : 'undecided'] += 1;
}

/** Says it at once, too: a long run may be ended before its report. */
export function keepViolation(tally: Tally, violation: Violation): void {
  if (tally.violations.length === mostKept) return;
  tally.violations.push(violation);
  console.error(`${violation.what}: ${violation.detail}`);
}

export function keepUnexpected(tally: Tally, text: string): void {
  if (tally.unexpected.length < mostKept) tally.unexpected.push(text);
}

export function sumOf(tally: Tally, of: (fault: FaultTally) => number): number {
  return Object.values(tally.faults).reduce((sum, fault) => sum + of(fault), 0);
}

export const verificationsOf = ({ verifications }: FaultTally) =>
  Object.values(verifications).reduce((sum, count) => sum + count, 0);

/** A line for each fault, and one for all, as a table for people. */
export function describeTally(tally: Tally): string {
  const rows = Object.entries(tally.faults).map(([name, fault]) => describe(name, fault));
  const all = Object.values(tally.faults);
  const total: FaultTally = {
    changes: sumOf(tally, (fault) => fault.changes),
    repeated: sumOf(tally, (fault) => fault.repeated),
    verifications: {
      right: sumOf(tally, (fault) => fault.verifications.right),
      'allowed after return': sumOf(tally, (fault) => fault.verifications['allowed after return']),
      'refused after return': sumOf(tally, (fault) => fault.verifications['refused after return']),
      'wrong otherwise': sumOf(tally, (fault) => fault.verifications['wrong otherwise']),
    },
    undecided: {
      struck: sumOf(tally, (fault) => fault.undecided.struck),
      others: sumOf(tally, (fault) => fault.undecided.others),
    },
    decidedByOthers: sumOf(tally, (fault) => fault.decidedByOthers),
    answered: sumOfDurations(all.map((fault) => fault.answered)),
    returned: all.flatMap((fault) => fault.returned),
  };
  const table = [header, ...rows, describe('all', total)];
  const widths = header.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const nodes = Object.entries(tally.nodes).map(
    ([name, { decided, undecided }]) => `${name} ${share(decided, undecided)}`,
  );
  return [...lines, `decided, by node: ${nodes.sort().join(', ')}`].join('\n');
}

const header = [
  'fault',
  'changes',
  'made again',
  'verifications',
  'allowed after return',
  'refused after return',
  'wrong otherwise',
  'decided, all',
  'decided, not struck',
  'answer p50/p99/max ms',
  'return p50/p99/max ms',
];

function describe(name: string, fault: FaultTally): string[] {
  const { verifications, undecided, returned } = fault;
  const decided = verificationsOf(fault);
  const times = [quantile(returned, 0.5), quantile(returned, 0.99), Math.max(0, ...returned)];
  return [
    name,
    String(fault.changes),
    String(fault.repeated),
    String(decided),
    String(verifications['allowed after return']),
    String(verifications['refused after return']),
    String(verifications['wrong otherwise']),
    share(decided, undecided.struck + undecided.others),
    share(fault.decidedByOthers, undecided.others),
    [durationOf(fault.answered, 0.5), durationOf(fault.answered, 0.99), fault.answered.longest]
      .map((time) => time.toFixed(1))
      .join('/'),
    returned.length === 0 ? '' : times.map((time) => time.toFixed(0)).join('/'),
  ];
}

function share(done: number, not: number): string {
  return done + not === 0 ? '' : `${((100 * done) / (done + not)).toFixed(2)} %`;
}
