import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

const MINUTE = 60_000;
const GRACE_MILLISECONDS = 5_000;

/**
 * Runs test files by Node's own runner, which prints its summary last.
 * @param options.chaos the long tests take longer
 * @param options.signal ends the run early
 * @returns the runner's exit code
 */
export async function runTestFiles(
  files: string[],
  runnerOptions: string[],
  options: { env: NodeJS.ProcessEnv; chaos: boolean; signal: AbortSignal },
): Promise<number> {
  const args = [
    '--disable-warning=ExperimentalWarning',
    '--test',
    '--test-reporter=spec',
    `--test-concurrency=${Math.min(4, Math.max(2, availableParallelism()))}`,
    `--test-timeout=${(options.chaos ? 60 : 2) * MINUTE}`,
    ...runnerOptions,
    ...files,
  ];
  const child = spawn(process.execPath, args, {
    env: options.env,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
  // Asked by SIGINT, the runner says which tests were running.
  let patience: NodeJS.Timeout | undefined;
  const interrupt = () => {
    child.kill('SIGINT');
    patience = setTimeout(() => endGroup(child.pid), GRACE_MILLISECONDS);
  };
  // --test-timeout does not end a file that is busy, or that leaves a timer behind; the whole run must end all the same.
  const limit = AbortSignal.timeout((options.chaos ? 240 : 30) * MINUTE);
  const early = AbortSignal.any([options.signal, limit]);
  if (early.aborted) interrupt();
  else early.addEventListener('abort', interrupt, { once: true });
  try {
    const code = await ended;
    if (limit.aborted)
      console.error('The tests took too long and were ended: see above for what was running.');
    return early.aborted && code === 0 ? 1 : code;
  } finally {
    early.removeEventListener('abort', interrupt);
    clearTimeout(patience);
    endGroup(child.pid);
  }
}

// Gateways and servers that a test left running are in the runner's process group.
function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
