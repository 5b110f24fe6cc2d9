import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { pinned } from './pinned.ts';

export type Server = {
  url: string;
  /** Processor time that it has used so far, in seconds; undefined where the system does not say (/proc, Linux). */
  cpuSeconds: () => number | undefined;
  stop: () => Promise<void>;
  /** Ends it at once, as a machine that fails. */
  kill: () => Promise<void>;
};

/**
 * Starts a Node program on the first core (or on any), and waits until it says its URL.
 * @throws Error when it ends before.
 */
export async function startServer(
  args: readonly string[],
  env: Record<string, string> = {},
  core: 0 | 'any' = 0,
): Promise<Server> {
  const [command, ...rest] = pinned(core, [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    ...args,
  ]);
  const child = spawn(command ?? '', rest, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await firstUrl(child);
  return {
    url,
    cpuSeconds: () => readCpuSeconds(child.pid),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      // Keywright itself takes no longer than 10 s.
      const last = setTimeout(() => child.kill('SIGKILL'), 12_000);
      await ended;
      clearTimeout(last);
    },
    kill: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function firstUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('The server has no standard output.');
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /https?:\/\/[^\s)]+/.exec(line)?.[0];
    if (url !== undefined) {
      child.stdout.resume();
      return url;
    }
  }
  throw new Error(`The server ended with ${child.exitCode} before it served.`);
}

/** utime and stime of proc(5), in ticks of 10 ms; what stands before them, the program's name, may hold blanks. */
function readCpuSeconds(pid: number | undefined): number | undefined {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return undefined;
  const fields = readFileSync(file, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
