import { fileURLToPath } from 'node:url';
import { resolveTool } from './resolve-tool.ts';
import { runTool } from './run-tool.ts';

type Step = { name: string; remedy: string; args: string[] };

function steps(write: boolean): Step[] {
  return [
    {
      name: 'Format and lint',
      remedy: '`npm run format` mends the format, the order of imports and some of the rest.',
      args: [resolveTool('biome'), 'ci', '--max-diagnostics=200', '--colors=off', '.'],
    },
    { name: 'Types', remedy: 'Mend the types.', args: [resolveTool('tsc'), '-p', '.', '--pretty', 'false'] },
    {
      name: 'OpenAPI document',
      remedy: 'See above.',
      args: [fileURLToPath(new URL('check-openapi.ts', import.meta.url)), ...(write ? ['--write'] : [])],
    },
  ];
}

/**
 * Formatter, linter, types and OpenAPI difference, side by side. Prints the output of what failed, and how to mend it.
 * @param options.write write docs/openapi.json instead of comparing it
 * @returns whether all passed
 */
export async function checkSteps(options: { write: boolean; signal?: AbortSignal }): Promise<boolean> {
  const started = performance.now();
  const results = await Promise.all(steps(options.write).map((step) => run(step, options.signal)));
  const failed = results.filter((result) => !result.passed);
  for (const { step, output } of failed) {
    console.error(`${output.trim()}\n✖ ${step.name}: failed. ${step.remedy}\n`);
  }
  if (failed.length > 0) return false;
  const names = results.map(({ step }) => step.name.toLowerCase()).join(', ');
  console.log(`✔ Check: ${names} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return true;
}

async function run(step: Step, signal: AbortSignal | undefined) {
  const { code, output } = await runTool(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ...step.args],
    {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      ...(signal && { signal }),
    },
  );
  return { step, passed: code === 0, output };
}
