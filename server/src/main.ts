#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { openServices, startKeywright } from './app.ts';
import { runCommandLine } from './cli/run-command-line.ts';
import { readConfig } from './config.ts';
import { systemClock } from './lib/clock.ts';
import { createLog } from './lib/create-log.ts';
import { systemRandom } from './lib/random.ts';

/** The environment, and below it what `.env` in the working directory says. */
function readSettings() {
  const file = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {};
  return readConfig({ ...file, ...process.env }, (message) => console.error(`keywright: ${message}`));
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  open: () => openServices(readSettings(), { log: createLog('warn') }),
  start: () => {
    const config = readSettings();
    return startKeywright(config, { log: createLog(config.logLevel) });
  },
  readSettings,
  clock: systemClock,
  random: systemRandom,
});
