import { AppError } from '../domain/errors.ts';
import { type PepperFile, parsePepperFile, readPepperFile } from '../lib/pepper-file.ts';
import type { Settings } from './settings.ts';

/**
 * The peppers and the audit key of this machine, from the environment or the pepper file; none are made up.
 * @throws AppError `not_found`; Error where they are there and cannot be read.
 */
export function readKeysAtHand(settings: Settings): PepperFile {
  if (settings.peppers !== null) return parsePepperFile(settings.peppers, 'KEYWRIGHT_PEPPERS');
  const file = readPepperFile(settings.pepperFile);
  if (file !== undefined) return file;
  throw new AppError(
    'not_found',
    `${settings.pepperFile} is missing. Put the pepper file of this installation there, or point KEYWRIGHT_PEPPER_FILE at it.`,
  );
}
