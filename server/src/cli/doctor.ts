import type { Command } from 'commander';
import type { Reader } from '../database/database.ts';
import { print } from './act.ts';
import type { CommandDeps } from './build-program.ts';
import { checkClock, checkClockAgainstEvents } from './doctor/check-clock.ts';
import { checkListeners } from './doctor/check-listeners.ts';
import { checkFingerprints, checkPepperFile } from './doctor/check-peppers.ts';
import { checkPostgres } from './doctor/check-postgres.ts';
import { checkSqlite } from './doctor/check-sqlite.ts';
import { type Finding, wrong } from './doctor/finding.ts';
import type { Settings } from './settings.ts';

export function addDoctorCommand(program: Command, deps: CommandDeps): void {
  program
    .command('doctor')
    .description(
      'look at the database, the disk, the peppers, the clock and the listeners, and say what is wrong and how to mend it; changes nothing. Exit code 0: nothing is wrong, 1: something is',
    )
    .action(async (_options: object, command: Command) => {
      const findings = await examine(deps);
      const healthy = findings.every((finding) => finding.status !== 'wrong');
      if (!healthy) process.exitCode = 1;
      print(command, { ok: healthy, findings }, () => findings.map(say).join('\n'));
    });
}

async function examine(deps: CommandDeps): Promise<Finding[]> {
  let settings: Settings;
  try {
    settings = deps.readSettings();
  } catch (error) {
    const lines = error instanceof Error ? error.message.split('\n') : [String(error)];
    return lines.map((line) =>
      wrong('settings', line, 'Settings are environment variables; .env is read, too.'),
    );
  }
  const { findings, keys } = checkPepperFile(settings);
  const ofDatabase = async (read: Reader) => [
    ...(keys === undefined ? [] : await checkFingerprints(read, keys)),
    ...(await checkClockAgainstEvents(read, deps.clock())),
  ];
  const { database } = settings;
  return [
    ...('url' in database
      ? await checkPostgres(database.url, deps.clock, ofDatabase)
      : await checkSqlite(database.path, ofDatabase)),
    ...findings,
    checkClock(deps.clock()),
    ...(await checkListeners(settings)),
  ];
}

function say({ check, status, what, remedy }: Finding): string {
  const line = `${status.padEnd(5)}  ${check.padEnd(8)}  ${what}`;
  return remedy === null ? line : `${line}\n${' '.repeat(17)}${remedy}`;
}
