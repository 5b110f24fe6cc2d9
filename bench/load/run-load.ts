import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from '../../scripts/run-tool.ts';
import { pinned } from './pinned.ts';
import type { RequestsFile } from './write-raw-requests.ts';

export type LoadOrder = RequestsFile & {
  url: string;
  /** How every answer's body begins. */
  expected: string;
  connections: number;
  warmUpSeconds: number;
  seconds: number;
  /** Where the generator runs; it is the second core where it is not said. */
  core?: 1 | 'any';
};

export type LoadResult = {
  requestsPerSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** Those of the warm-up too. */
  allRequests: number;
  /** Answers whose body did not begin as expected. */
  wrong: number;
  /** Share of its core that the generator used; near 1 the generator is what is measured. */
  generatorBusy: number;
};

const generator = join(import.meta.dirname, 'generator.ts');

/**
 * Runs the load generator in a process of its own, on the second core.
 * @throws Error when it fails, or when any answer was not the expected one: such a figure would mean nothing.
 */
export async function runLoad(order: LoadOrder, folder: string): Promise<LoadResult> {
  const file = join(folder, 'load-order.json');
  writeFileSync(file, JSON.stringify(order), { mode: 0o600 });
  const [command, ...args] = pinned(order.core ?? 1, [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    generator,
    file,
  ]);
  const { code, output } = await runTool(command ?? '', args);
  if (code !== 0) throw new Error(`The load generator failed:\n${output}`);
  const result = JSON.parse(output) as LoadResult;
  if (result.wrong > 0) throw new Error(`${result.wrong} answers were not the expected ones.`);
  return result;
}
