import { chmodSync, constants, copyFileSync, existsSync, statSync } from 'node:fs';
import { findSqliteDamage, openSqliteFile } from '../database/open-sqlite-file.ts';
import { AppError } from '../domain/errors.ts';
import { UnavailableError } from '../lib/unavailable-error.ts';

/**
 * Copies a backup to `draft`, for its owner alone, and checks the copy.
 * @throws AppError `invalid_request` where it cannot be read or is not whole.
 */
export function copyBackup(backup: string, draft: string): void {
  if (existsSync(`${backup}-wal`)) {
    throw new AppError(
      'invalid_request',
      `${backup} is a database with a log beside it, not a backup. Make one of it: keywright backup <file>.`,
    );
  }
  try {
    copyFileSync(backup, draft, constants.COPYFILE_EXCL);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new AppError('invalid_request', `${backup} cannot be copied to ${draft} (${code}).`, {
      cause: error,
    });
  }
  chmodSync(draft, 0o600);
  refuseDamaged(draft, backup);
}

function refuseDamaged(draft: string, backup: string): void {
  const damaged = (what: string) =>
    new AppError(
      'invalid_request',
      `${backup} is not a whole SQLite database (${what}). Use another backup.`,
    );
  try {
    const file = openSqliteFile(draft, { readOnly: true });
    try {
      const [damage] = findSqliteDamage(file, { quick: false });
      if (damage !== undefined) throw damaged(damage);
    } finally {
      file.close();
    }
  } catch (error) {
    throw error instanceof UnavailableError ? damaged(error.reason) : error;
  }
}

/** A database is no backup of itself; and reading it would give up the lock on it. */
export function refuseTheSameFile(path: string, backup: string): void {
  if (!existsSync(backup)) throw new AppError('not_found', `There is no file ${backup}.`);
  if (!existsSync(path)) return;
  const [one, other] = [statSync(path), statSync(backup)];
  if (one.dev !== other.dev || one.ino !== other.ino) return;
  throw new AppError('invalid_request', `${backup} is the database itself. Name a backup of it.`);
}
