import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { lockForReplacement } from '../database/lock-for-replacement.ts';
import { migrate, readVersion } from '../database/migrate.ts';
import { openDatabase } from '../database/open.ts';
import { installationChain } from '../domain/audit/list-chains.ts';
import type { Services } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import { endRevivedKeys } from '../domain/installation/end-revived-keys.ts';
import { listRevivedKeys, type Revival } from '../domain/installation/list-revived-keys.ts';
import { renewEpoch } from '../domain/installation/renew-epoch.ts';
import { checkInstallationKeys } from '../domain/peppers/load-installation-keys.ts';
import { createIdSource } from '../lib/ids.ts';
import { contextIn } from './act.ts';
import type { CommandDeps } from './build-program.ts';
import { copyBackup, refuseTheSameFile } from './copy-backup.ts';
import { readKeysAtHand } from './read-keys-at-hand.ts';
import type { Settings } from './settings.ts';

export type Restoration = {
  restored: boolean;
  epoch: string | null;
  /** Where the database that was replaced is kept; null: there was none. */
  kept: string | null;
  /** Undefined: there was no database, or none that could be read. */
  revival: Revival | undefined;
  endedAgain: boolean;
};

/** What the database that is replaced says of keys that were ended; or that there is none, or that it cannot be read. */
export type Found = Revival | 'nothing there' | 'unreadable';

type Decision = 'end them' | 'let them live' | 'stop';

/**
 * Puts a backup in the place of the database at `path`. All is done to a copy of the backup beside the database, which
 * takes the database's place in one step at the end: a crash leaves one or the other.
 * @throws AppError, DatabaseInUseError, WrongKeysError, DatabaseTooNewError: nothing was changed.
 */
export async function restoreSqlite(
  deps: CommandDeps,
  settings: Settings,
  path: string,
  backup: string,
  decide: (found: Found) => Decision,
): Promise<Restoration> {
  const keys = readKeysAtHand(settings);
  refuseTheSameFile(path, backup);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const locked = lockForReplacement(path);
  const draft = `${path}.${process.pid}.restoring`;
  try {
    if (locked.state === 'locked') removeOldDrafts(path);
    copyBackup(backup, draft);
    const prepared = await prepare(deps, keys, draft, backup, async (services) => {
      const { database, clock } = services;
      const revival = locked.read && (await compare(locked.read, database.read, clock()));
      const decision = decide(locked.state === 'missing' ? 'nothing there' : (revival ?? 'unreadable'));
      if (decision === 'stop') return { revival, decision, epoch: null };
      const ctx = contextIn(services, installationChain);
      if (decision === 'end them' && revival !== undefined) await endRevivedKeys(ctx, revival.revived);
      const { result } = await renewEpoch(ctx, locked.read && (await findHead(locked.read)));
      return { revival, decision, epoch: result.epoch };
    });
    const { revival, decision, epoch } = prepared;
    const endedAgain = decision === 'end them' && revival !== undefined;
    if (epoch === null) return { restored: false, epoch, kept: null, revival, endedAgain };
    const descriptor = openSync(draft, 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
    const kept = `${path}.replaced-${new Date(deps.clock()).toISOString().replaceAll(':', '-')}`;
    locked.replaceBy(draft, kept);
    return { restored: true, epoch, kept: locked.state === 'missing' ? null : kept, revival, endedAgain };
  } finally {
    locked.release();
    for (const suffix of ['', '-wal', '-shm']) rmSync(draft + suffix, { force: true });
  }
}

/** What an earlier restore left that was killed; who holds the lock is the only one. */
function removeOldDrafts(path: string): void {
  for (const name of readdirSync(dirname(path))) {
    const [, suffix] = name.split(basename(path));
    if (name.startsWith(basename(path)) && /^\.\d+\.restoring(-wal|-shm)?$/.test(suffix ?? '')) {
      rmSync(join(dirname(path), name));
    }
  }
}

/** Opens the copy as the database that it will be, checks that it is this installation's, and closes it whole again. */
async function prepare<Result>(
  deps: CommandDeps,
  { peppers, auditKey }: Pick<Services, 'peppers' | 'auditKey'>,
  draft: string,
  backup: string,
  action: (services: Services) => Promise<Result>,
): Promise<Result> {
  const { clock, random } = deps;
  const database = openDatabase({ path: draft }, () => undefined);
  try {
    if ((await readVersion(database)) === 0) {
      throw new AppError('invalid_request', `${backup} is not a database of Keywright's. Use another file.`);
    }
    await migrate(database, clock);
    await checkInstallationKeys(database, { peppers, auditKey }, clock, random);
    return await action({ database, clock, random, newId: createIdSource(clock, random), peppers, auditKey });
  } finally {
    await database.close();
  }
}

/** Undefined where the database that is replaced cannot be read: it is damaged inside, or of another version. */
async function compare(
  replaced: Services['database']['read'],
  restored: Services['database']['read'],
  now: number,
): Promise<Revival | undefined> {
  try {
    return await listRevivedKeys(replaced, restored, now);
  } catch {
    return undefined;
  }
}

async function findHead(replaced: Services['database']['read']) {
  try {
    return await replaced
      .selectFrom('audit_head')
      .select(['seq', 'hash'])
      .where('chain', '=', installationChain)
      .executeTakeFirst();
  } catch {
    return undefined;
  }
}
