#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import cluster from 'node:cluster';
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { openServices, startKeywright } from './app.ts';
import { runCommandLine } from './cli/run-command-line.ts';
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

/** In this process, or in workers that it looks after. */
function serve(): Promise<RunningWorkers> {
  const config = readSettings();
  const log = createLog(config.logLevel);
  if (config.workers === 1) return startKeywright(config, { log });
  return runWorkers<Config>({
    count: config.workers,
    configFor: (at) => (at === undefined ? config : { ...config, ...portsOf(at) }),
    prepare: async () => (await openServices(config, { log })).close(),
    log,
  });
}

function portsOf(at: { apiUrl: string; gatewayUrl: string }): { port: number; gatewayPort: number } {
  return { port: Number(new URL(at.apiUrl).port), gatewayPort: Number(new URL(at.gatewayUrl).port) };
}

if (cluster.isWorker) {
  beWorker<Config>((config, place) =>
    startKeywright(config, { log: createLog(config.logLevel, undefined, place.number), place }),
  );
} else {
  process.exitCode = await runCommandLine(process.argv.slice(2), {
    open: () => openServices(readSettings(), { log: createLog('warn') }),
    start: serve,
    readSettings,
    clock: systemClock,
    random: systemRandom,
  });
}
