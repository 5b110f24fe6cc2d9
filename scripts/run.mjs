import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureNode } from './ensure-node.mjs';
import { ensurePackages } from './ensure-packages.mjs';
import { Refusal } from './refusal.mjs';
import { runChild } from './run-child.mjs';

// The one door of package.json's scripts. It must run on the host's Node (18 or newer), so it and what it
// imports are plain JavaScript without dependencies; what it starts runs on Node 24 or newer.

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const tasks = {
  up: { packages: 'production', args: ['server/src/main.ts', 'serve'] },
  keywright: { packages: 'production', args: ['server/src/main.ts'] },
  test: { packages: 'all', args: ['scripts/test.ts'] },
  'test:chaos': { packages: 'all', args: ['scripts/test.ts'], env: { KEYWRIGHT_CHAOS: '1' } },
  check: { packages: 'all', args: ['scripts/check.ts'] },
  format: { packages: 'all', args: ['scripts/format.ts'] },
  bench: { packages: 'all', args: ['bench/run.ts'] },
};

async function main([name, ...rest]) {
  const task = Object.hasOwn(tasks, name ?? '') ? tasks[name] : undefined;
  if (!task) {
    throw new Refusal(`No task "${name ?? ''}". There are: ${Object.keys(tasks).join(', ')}.`);
  }
  const node = await ensureNode(root);
  const PATH = [dirname(node), process.env.PATH].filter(Boolean).join(':');
  const env = { ...process.env, PATH, ...task.env };
  await ensurePackages(root, task.packages);
  // SQLite's module still announces itself as experimental at each start; the heap: docs/decisions/0017-the-hot-path.md.
  const args = ['--disable-warning=ExperimentalWarning', '--min-semi-space-size=8', ...task.args, ...rest];
  return runChild(node, args, { cwd: root, env });
}

try {
  const { code, signal } = await main(process.argv.slice(2));
  // Ending by the same signal tells the caller the truth; no handler of ours is left to catch it.
  if (signal) process.kill(process.pid, signal);
  else process.exitCode = code;
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
