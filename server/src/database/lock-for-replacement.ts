import { existsSync, linkSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncFolder } from '../lib/sync-folder.ts';
import { UnavailableError } from '../lib/unavailable-error.ts';
import type { Reader } from './database.ts';
import { openSqliteFile, type SqliteFile } from './open-sqlite-file.ts';

/** Something has the database open. The message says what to do. */
export class DatabaseInUseError extends Error {}

export type LockedDatabase = {
  /** `missing`: there is none yet. `unreadable`: SQLite does not take it for a database, so whether it is in use is not known. */
  state: 'locked' | 'missing' | 'unreadable';
  /** What it holds, where it is locked. */
  read: Reader | undefined;
  /** Puts the file `replacement` in its place and keeps the old one under the name `kept`; in one step, as far as others see. */
  replaceBy: (replacement: string, kept: string) => void;
  release: () => void;
};

/**
 * Locks a SQLite database for its replacement. Leaving WAL mode is granted only to the sole connection there is, idle ones
 * counted, and writes the log back into the one file; the exclusive lock, held until `release`, then keeps others from
 * starting on the old file.
 * @throws DatabaseInUseError, UnavailableError.
 */
export function lockForReplacement(path: string): LockedDatabase {
  if (!existsSync(path)) {
    if (existsSync(`${path}-wal`)) {
      throw new DatabaseInUseError(
        `There is ${path}-wal without its database. Move it away: SQLite would take it for the log of the restored one.`,
      );
    }
    return unlocked('missing', path);
  }
  let file: SqliteFile | undefined;
  try {
    file = openSqliteFile(path, { readOnly: false });
    file.connection.exec('PRAGMA journal_mode = DELETE');
    file.connection.exec('PRAGMA locking_mode = EXCLUSIVE');
    file.connection.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    file?.close();
    if (!(error instanceof UnavailableError)) throw error;
    if (error.reason === 'busy' || error.reason === 'locked') {
      throw new DatabaseInUseError(
        `${path} is in use. Stop Keywright (every process that has it open), and run this again.`,
      );
    }
    if (error.reason === 'not_a_database' || error.reason === 'corrupt') return unlocked('unreadable', path);
    throw error;
  }
  const locked = file;
  return {
    state: 'locked',
    read: locked.read,
    replaceBy: (replacement, kept) => {
      // Not by copying: reading the file by another descriptor would give up this process's locks on it (POSIX).
      keep(path, kept);
      renameSync(replacement, path);
      syncFolder(dirname(path));
    },
    release: () => locked.close(),
  };
}

function unlocked(state: 'missing' | 'unreadable', path: string): LockedDatabase {
  return {
    state,
    read: undefined,
    replaceBy: (replacement, kept) => {
      // Its log must not be taken for that of the new one.
      for (const suffix of ['-wal', '-shm', '']) {
        if (existsSync(path + suffix)) renameSync(path + suffix, kept + suffix);
      }
      renameSync(replacement, path);
      syncFolder(dirname(path));
    },
    release: () => undefined,
  };
}

/** A second name first, so that there is a database under its own name at every instant. */
function keep(path: string, kept: string): void {
  try {
    linkSync(path, kept);
  } catch (error) {
    // File systems without hard links.
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) throw error;
    renameSync(path, kept);
  }
}
