import { join } from 'node:path';
import { runTool } from '../../scripts/run-tool.ts';

const main = join(import.meta.dirname, '../../server/src/main.ts');

/** Runs a command of the command line to its end. @returns what it prints with `--json`. @throws Error where it failed. */
export async function runKeywright(
  environment: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<unknown> {
  const words = ['--disable-warning=ExperimentalWarning', main, '--json', ...args];
  const { code, output } = await runTool(process.execPath, words, {
    env: { PATH: process.env.PATH, ...environment },
  });
  if (code !== 0) throw new Error(`keywright ${args.join(' ')}: ${output}`);
  return JSON.parse(output);
}
