import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncFolder } from '../lib/sync-folder.ts';
import { findSqliteDamage, openSqliteFile } from './open-sqlite-file.ts';

/** The copy is not whole, and was thrown away again. */
export class BackupDamagedError extends Error {}

/**
 * Writes a consistent copy of a SQLite database to a new file, for its owner alone, beside whatever is reading and writing
 * it: VACUUM INTO reads in one snapshot, and writers do not wait for it. The name is taken first, so nothing is ever
 * overwritten, and the copy comes under it only when it is whole.
 * @returns the size in bytes.
 * @throws Error `EEXIST` where the file is there, UnavailableError, BackupDamagedError.
 */
export function backupSqlite(source: string, target: string): number {
  closeSync(openSync(target, 'wx', 0o600));
  const partial = `${target}.${process.pid}.partial`;
  try {
    closeSync(openSync(partial, 'wx', 0o600));
    const database = openSqliteFile(source, { readOnly: true });
    try {
      // Into an empty file that is there, so that it has had its mode from the beginning.
      database.connection.all('VACUUM INTO ?', [partial]);
    } finally {
      database.close();
    }
    refuseDamage(partial);
    const descriptor = openSync(partial, 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(partial, target);
    syncFolder(dirname(target));
    return statSync(target).size;
  } catch (error) {
    rmSync(partial, { force: true });
    rmSync(target, { force: true });
    throw error;
  }
}

function refuseDamage(path: string): void {
  const copy = openSqliteFile(path, { readOnly: true });
  try {
    const damage = findSqliteDamage(copy, { quick: true });
    if (damage.length === 0) return;
    throw new BackupDamagedError(
      `The copy is not whole (${damage[0]}), and so the database is not either. Run keywright doctor, and keep the backups that you have.`,
    );
  } finally {
    copy.close();
  }
}
