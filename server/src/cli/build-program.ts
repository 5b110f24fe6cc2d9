import { Command } from 'commander';
import type { Services } from '../domain/context.ts';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import { addApiKeyCommands } from './api-keys.ts';
import { addApiCommands } from './apis.ts';
import { addApplicationCommands } from './applications.ts';
import { addAuditCommands } from './audit.ts';
import { addBackupCommand } from './backup.ts';
import { addDoctorCommand } from './doctor.ts';
import { addManagementKeyCommands } from './management-keys.ts';
import { addMigrateCommand } from './migrate.ts';
import { addOrganizationCommands } from './organizations.ts';
import { addPepperCommands } from './pepper.ts';
import { addRestoreCommand } from './restore.ts';
import { addServeCommand, type Running } from './serve.ts';
import type { Settings } from './settings.ts';

/**
 * What the wiring gives to the commands: `open` reads the settings and opens the database, `start` serves; the rest is
 * for commands that look after a database that cannot be opened like that.
 */
export type CommandDeps = {
  open: () => Promise<Services & { close: () => Promise<void> }>;
  start: () => Promise<Running>;
  /** @throws Error that lists every setting that is wrong. */
  readSettings: () => Settings;
  clock: Clock;
  random: Random;
};

export function buildProgram(deps: CommandDeps): Command {
  const program = new Command('keywright')
    .description('API keys: issue, see, scope, switch off, revoke, delete, and ask whether one may pass.')
    .option('--json', "print the API's body as JSON, alone on standard output")
    .showHelpAfterError('(add --help for what this command takes)')
    .exitOverride();
  addServeCommand(program, deps);
  addOrganizationCommands(program, deps);
  addApiCommands(program, deps);
  addApplicationCommands(program, deps);
  addApiKeyCommands(program, deps);
  addManagementKeyCommands(program, deps);
  addAuditCommands(program, deps);
  addPepperCommands(program, deps);
  addMigrateCommand(program, deps);
  addDoctorCommand(program, deps);
  addBackupCommand(program, deps);
  addRestoreCommand(program, deps);
  return program;
}
