import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { backupSqlite } from '../database/backup-sqlite.ts';
import { AppError } from '../domain/errors.ts';
import { formatPepperFile } from '../lib/pepper-file.ts';
import { print } from './act.ts';
import type { CommandDeps } from './build-program.ts';
import { readKeysAtHand } from './read-keys-at-hand.ts';

export function addBackupCommand(program: Command, deps: CommandDeps): void {
  program
    .command('backup')
    .description('write a consistent copy of the SQLite database to a new file, beside a running server')
    .argument('<file>', 'the new file; nothing is ever overwritten')
    .option(
      '--with-peppers <file>',
      'write the peppers and the audit key to a new file, too: keep it apart, for the two together are everything',
    )
    .action((name: string, options: { withPeppers?: string }, command: Command) => {
      const settings = deps.readSettings();
      const file = resolve(name);
      const peppersFile = options.withPeppers === undefined ? null : resolve(options.withPeppers);
      if ('url' in settings.database) throw refusePostgres(file, settings.database.url);
      const { path } = settings.database;
      if (!existsSync(path)) throw new AppError('not_found', `There is no database at ${path}.`);
      const keys = peppersFile === null ? undefined : readKeysAtHand(settings);
      for (const one of [file, peppersFile]) {
        if (one !== null && (existsSync(one) || file === peppersFile)) throw refuseTaken(one);
      }
      const bytes = backupSqlite(path, file);
      if (keys !== undefined && peppersFile !== null) {
        writeFileSync(peppersFile, formatPepperFile(keys), { mode: 0o600, flag: 'wx' });
      }
      print(command, { file, bytes, peppersFile }, () =>
        [
          `${file}: ${bytes} bytes, checked.`,
          peppersFile === null
            ? 'Without the peppers it is of no use: keep a copy of the pepper file, apart from this one (--with-peppers).'
            : `${peppersFile}: the peppers and the audit key. Keep it apart from the other.`,
        ].join('\n'),
      );
    });
}

function refuseTaken(file: string): AppError {
  return new AppError(
    'conflict',
    `${file} is there already, or named twice. Name files that do not exist yet.`,
  );
}

/** The password stays out of it: on a command line every user of the machine can read it. */
function refusePostgres(file: string, url: string): AppError {
  const { hostname, port, username, pathname } = new URL(url);
  const options = [
    `--file=${JSON.stringify(file)}`,
    ...(hostname === '' ? [] : [`--host=${hostname}`]),
    ...(port === '' ? [] : [`--port=${port}`]),
    ...(username === '' ? [] : [`--username=${decodeURIComponent(username)}`]),
    `--dbname=${decodeURIComponent(pathname.slice(1))}`,
  ];
  return new AppError(
    'invalid_request',
    [
      'The database is PostgreSQL, which has a backup of its own: use pg_dump, with the password in ~/.pgpass, such as',
      `  pg_dump --format=custom ${options.join(' ')}`,
      'and keep a copy of the pepper file apart from it. After pg_restore, with every node stopped, run: keywright restore --epoch-only',
    ].join('\n'),
  );
}
