import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Fault } from './faults.ts';

/** Faults of a SQLite file that several processes share. `folder`: the data folder. */
export function sqliteFaults({ folder, lease }: { folder: string; lease: number }): Record<string, Fault> {
  return {
    'a writer stopped in the middle': {
      strikes: 'none',
      held: [lease / 10, lease * 2],
      begin: async () => {
        const writer = await startWriter(folder);
        writer.kill('SIGSTOP');
        return async () => {
          writer.kill('SIGCONT');
          writer.stdin?.end();
          await once(writer, 'exit');
        };
      },
    },
  };
}

/** A process that holds the file's write lock in an open transaction until its input ends. */
export async function startWriter(folder: string): Promise<ChildProcess> {
  const script = join(import.meta.dirname, 'hold-write-lock.ts');
  const args = ['--disable-warning=ExperimentalWarning', script, join(folder, 'keywright.db')];
  const writer = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [said] = (await Promise.race([once(writer.stdout, 'data'), once(writer, 'exit')])) as [unknown];
  if (!Buffer.isBuffer(said)) throw new Error('The writer got no lock.');
  return writer;
}
