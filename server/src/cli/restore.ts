import { resolve } from 'node:path';
import type { Command } from 'commander';
import { installationChain } from '../domain/audit/list-chains.ts';
import { AppError } from '../domain/errors.ts';
import type { Revival, RevivedKey } from '../domain/installation/list-revived-keys.ts';
import { renewEpoch } from '../domain/installation/renew-epoch.ts';
import { contextIn, print, withServices } from './act.ts';
import type { CommandDeps } from './build-program.ts';
import { type Restoration, restoreSqlite } from './restore-sqlite.ts';
import { sayCount } from './say-count.ts';

type Options = { epochOnly?: true; revokeThem?: true; letThemLive?: true };

/** Of each kind so many are shown; --json has them all. */
const shown = 100;

export function addRestoreCommand(program: Command, deps: CommandDeps): void {
  program
    .command('restore')
    .description('put a backup in the place of the SQLite database; Keywright must be stopped')
    .argument('[file]', 'a file that `keywright backup` wrote')
    .option('--revoke-them', 'end again the keys that were ended since the backup and would live again')
    .option('--let-them-live', 'restore although keys that were ended since the backup will live again')
    .option(
      '--epoch-only',
      'the database was put back by other means (pg_restore, a copied file): only make this known to every verifier',
    )
    .action((name: string | undefined, options: Options, command: Command) => {
      if (options.revokeThem === true && options.letThemLive === true) {
        throw new AppError('invalid_request', 'Say one of --revoke-them and --let-them-live.');
      }
      if (options.epochOnly === true) return renewOnly(deps, command, name);
      if (name === undefined)
        throw new AppError('invalid_request', 'Name the backup: keywright restore <file>');
      return restore(deps, command, resolve(name), options);
    });
}

async function renewOnly(deps: CommandDeps, command: Command, name: string | undefined): Promise<void> {
  if (name !== undefined) {
    throw new AppError('invalid_request', '--epoch-only restores no file: leave the file out.');
  }
  await withServices(deps, async (services) => {
    const { result } = await renewEpoch(contextIn(services, installationChain), undefined);
    print(command, result, () =>
      [
        `The database begins a new life: epoch ${result.epoch}. It is recorded on the installation's audit chain.`,
        'Keys that were ended since that state live again, and this command cannot know which: revoke them again.',
        'Start the nodes only now; one that was running meanwhile must be restarted.',
      ].join('\n'),
    );
  });
}

async function restore(deps: CommandDeps, command: Command, file: string, options: Options): Promise<void> {
  const settings = deps.readSettings();
  if ('url' in settings.database) {
    throw new AppError(
      'invalid_request',
      'The database is PostgreSQL: stop every node, use pg_restore, and then run keywright restore --epoch-only before you start them.',
    );
  }
  const outcome = await restoreSqlite(deps, settings, settings.database.path, file, (found) => {
    if (options.letThemLive === true || found === 'nothing there') return 'let them live';
    if (found === 'unreadable') return 'stop';
    if (options.revokeThem === true) return 'end them';
    return found.revived.length > 0 ? 'stop' : 'let them live';
  });
  if (!outcome.restored) process.exitCode = 1;
  print(command, toBody(outcome, file), () => say(outcome, file).join('\n'));
}

function toBody(outcome: Restoration, file: string): object {
  return {
    file,
    restored: outcome.restored,
    epoch: outcome.epoch,
    replacedDatabase: outcome.kept,
    endedAgain: outcome.endedAgain,
    wouldLiveAgain: outcome.revival?.revived.map(presentRevived) ?? null,
    lost: outcome.revival?.lost ?? null,
    changedOtherwise: outcome.revival?.changedOtherwise ?? null,
  };
}

function presentRevived({ kind, id, name, apiKeyId, organizationId, since }: RevivedKey): object {
  return { kind, id, name, apiKeyId, organizationId, since };
}

function say(outcome: Restoration, file: string): string[] {
  const { revival } = outcome;
  const keys = sayRevived(revival, outcome.endedAgain);
  if (!outcome.restored && revival === undefined) {
    return [
      'Nothing was changed. The database that would be replaced cannot be read, so nobody knows which keys were ended since',
      'this backup was made: they would live again. To restore all the same: --let-them-live (the old file is kept).',
    ];
  }
  if (!outcome.restored) {
    return [
      'Nothing was changed. Keys were ended since this backup was made, and would live again:',
      ...keys,
      'Say what is to become of them: --revoke-them ends them again, --let-them-live does not.',
    ];
  }
  return [
    `${file} is restored, with a new epoch (${outcome.epoch}).`,
    ...(outcome.kept === null ? [] : [`The database that it replaces is kept: ${outcome.kept}`]),
    ...(revival === undefined
      ? [
          'There was no database to compare it with. Keys that were ended since the backup live again: revoke them again.',
        ]
      : []),
    ...(keys.length === 0 ? [] : [outcome.endedAgain ? 'Ended again:' : 'These LIVE AGAIN:', ...keys]),
    ...(revival !== undefined && revival.lost > 0
      ? [
          `${sayCount(revival.lost, 'API key that was made since is', 'API keys that were made since are')} unknown now: whoever holds one needs a new one.`,
        ]
      : []),
    ...(revival !== undefined && revival.changedOtherwise > 0
      ? [
          `${sayCount(revival.changedOtherwise, 'API key that was changed since is as it was', 'API keys that were changed since are as they were')} (scopes, addresses, expiry, name).`,
        ]
      : []),
    'Policies, profiles, connections, endpoints and teams are as they were, too. Look them through, then start Keywright.',
  ];
}

function sayRevived(revival: Revival | undefined, ended: boolean): string[] {
  const revived = revival?.revived ?? [];
  const lines = revived
    .slice(0, shown)
    .map((key) => `  ${key.id}  ${ended ? '' : 'was '}${key.since.replace('_', ' ')}  ${key.name}`);
  return revived.length > shown
    ? [...lines, `  … and ${revived.length - shown} more (--json lists all)`]
    : lines;
}
