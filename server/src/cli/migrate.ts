import type { Command } from 'commander';
import { migrate, newestVersion, readVersion } from '../database/migrate.ts';
import { openDatabase } from '../database/open.ts';
import { print } from './act.ts';
import type { CommandDeps } from './build-program.ts';

export function addMigrateCommand(program: Command, deps: CommandDeps): void {
  program
    .command('migrate')
    .description('bring the database to the version of this program; `serve` does so too')
    .action(async (_options: object, command: Command) => {
      const database = openDatabase(deps.readSettings().database, () => undefined);
      try {
        const from = await readVersion(database);
        const applied = await migrate(database, deps.clock);
        print(command, { from, to: newestVersion, applied }, () =>
          applied.length === 0
            ? `The database is at schema version ${newestVersion} already. Nothing was changed.`
            : `The database was brought from schema version ${from} to ${newestVersion}: ${applied.join(', ')}.`,
        );
      } finally {
        await database.close();
      }
    });
}
