import { constants } from 'node:os';
import { checkSteps } from './check-steps.ts';
import { ensureDebianPackages } from './debian-packages.ts';
import { startPostgresCluster } from './postgres-cluster.ts';
import { runTestFiles } from './run-test-files.ts';
import { readTestArguments } from './test-arguments.ts';

// `npm test`: the check, then every test, with a PostgreSQL that lives as long as the run.

const stopping = new AbortController();
let stoppedBy: 'SIGINT' | 'SIGTERM' | undefined;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    stoppedBy ??= name;
    stopping.abort();
  });
}

async function main(): Promise<number> {
  const { files, options, isSelection } = readTestArguments(process.argv.slice(2));
  if (!isSelection && !(await checkSteps({ write: false, signal: stopping.signal }))) {
    console.error(
      'No test was run: mend the above first, or name the tests to run (npm test -- server/test/lib).',
    );
    return 1;
  }
  await ensureDebianPackages();
  if (stopping.signal.aborted) return 1;
  const cluster = await startPostgresCluster();
  try {
    const env = { ...testEnvironment(), KEYWRIGHT_TEST_POSTGRES_URL: cluster.url };
    const chaos = process.env.KEYWRIGHT_CHAOS === '1';
    return await runTestFiles(files, options, { env, chaos, signal: stopping.signal });
  } finally {
    await cluster.stop();
  }
}

// Settings of an installation in the developer's shell must not reach the tests, nor must a test reach that one.
function testEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('KEYWRIGHT_') || name === 'KEYWRIGHT_CHAOS',
  );
  return { ...Object.fromEntries(kept), PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!stopping.signal.aborted) console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
if (stoppedBy) process.exitCode = 128 + constants.signals[stoppedBy];
