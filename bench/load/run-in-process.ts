import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from '../../scripts/run-tool.ts';
import type { FilledDatabase } from '../fill/filled-database.ts';
import { pinned } from './pinned.ts';

export type InProcessOrder = {
  environment: Record<string, string>;
  organizationId: string;
  /** The file that names every key that passes. */
  passing: string;
  rounds: number;
};

/** A second, in each round; bytes of the heap for a key that is kept, and as the cache counts them. */
export type InProcessResult = {
  reference: number[];
  warm: number[];
  coldBare: number[];
  cold: number[];
  bytesPerKey: number;
  counted: number;
};

const program = join(import.meta.dirname, 'in-process.ts');

/** Runs the verifier without HTTP on the first core. @throws Error when it fails. */
export async function runInProcess(
  database: FilledDatabase,
  given: { rounds: number; folder: string },
): Promise<InProcessResult> {
  const passing = join(given.folder, `passing-${database.keys}.json`);
  const file = join(given.folder, 'in-process.json');
  const order: InProcessOrder = {
    environment: database.environment,
    organizationId: database.organizationId,
    passing,
    rounds: given.rounds,
  };
  writeFileSync(passing, JSON.stringify(database.passing), { mode: 0o600 });
  writeFileSync(file, JSON.stringify(order), { mode: 0o600 });
  const [command, ...args] = pinned(0, [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    '--expose-gc',
    program,
    file,
  ]);
  const { code, output } = await runTool(command ?? '', args);
  if (code !== 0) throw new Error(`The verifier in process failed:\n${output}`);
  return JSON.parse(output) as InProcessResult;
}
