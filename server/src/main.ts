#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --min-semi-space-size=8
import cluster from 'node:cluster';
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type Config, readConfig } from './config.ts';
import { systemClock } from './lib/clock.ts';
import { createLog } from './lib/create-log.ts';
import { systemRandom } from './lib/random.ts';
import { beWorker } from './workers/be-worker.ts';
import { type RunningWorkers, runWorkers } from './workers/run-workers.ts';

/** The environment, and below it what `.env` in the working directory says. */
function readSettings() {
  const file = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {};
  return readConfig({ ...file, ...process.env }, (message) => console.error(`keywright: ${message}`));
}

/** Most of what a start takes is to load the program. Workers do it at the same time as this process. */
const loadApp = () => import('./app.ts');

/** In this process, or in workers that it looks after. */
async function serve(): Promise<RunningWorkers> {
  const config = readSettings();
  const log = createLog(config.logLevel);
  if (config.workers === 1) return (await loadApp()).startKeywright(config, { log });
  return runWorkers<Config>({
    count: config.workers,
    configFor: (at) => (at === undefined ? config : { ...config, ...portsOf(at) }),
    prepare: async () => {
      const { openServices } = await loadApp();
      await (await openServices(config, { log })).close();
    },
    log,
  });
}

function portsOf(at: { apiUrl: string; gatewayUrl: string }): { port: number; gatewayPort: number } {
  return { port: Number(new URL(at.apiUrl).port), gatewayPort: Number(new URL(at.gatewayUrl).port) };
}

async function runCommand(args: readonly string[]): Promise<number> {
  // Nothing else that is called so can be meant: it begins while the commands are loaded, which then wait for it.
  const begun = args.length === 1 && args[0] === 'serve' ? serve() : undefined;
  begun?.catch(() => undefined);
  const { runCommandLine } = await import('./cli/run-command-line.ts');
  return runCommandLine(args, {
    open: async () => (await loadApp()).openServices(readSettings(), { log: createLog('warn') }),
    start: () => begun ?? serve(),
    readSettings,
    clock: systemClock,
    random: systemRandom,
  });
}

if (cluster.isWorker) {
  const app = loadApp();
  beWorker<Config>(async (config, place) =>
    (await app).startKeywright(config, { log: createLog(config.logLevel, undefined, place.number), place }),
  );
} else {
  process.exitCode = await runCommand(process.argv.slice(2));
}
