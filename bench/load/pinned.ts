import { availableParallelism } from 'node:os';
import { findProgram } from '../../scripts/find-program.ts';

const taskset = availableParallelism() > 1 ? findProgram('taskset') : undefined;

/** Whether programs can be held to one core, so that generator and server do not take turns on it. */
export const canPin = taskset !== undefined;

/** The command, held to one core where the machine can. */
export function pinned(core: 0 | 1 | 'any', command: readonly string[]): readonly string[] {
  return taskset === undefined || core === 'any'
    ? command
    : [taskset, '--cpu-list', String(core), ...command];
}
