import { existsSync, writeFileSync } from 'node:fs';
import type { PepperStore } from '../domain/peppers/pepper-store.ts';
import { formatPepperFile, parsePepperFile, readPepperFile, writePepperFile } from '../lib/pepper-file.ts';
import type { Settings } from './settings.ts';

/**
 * The pepper file of this machine; or, where the peppers stand in KEYWRIGHT_PEPPERS, which no program can change for
 * the next start, a new file of the owner's alone that receives what is to be put there. Peppers are never printed.
 * @throws Error where the peppers stand in the environment and no new file was named.
 */
export function openPepperStore(
  settings: Settings,
  newFile: string | undefined,
): PepperStore & { said: string } {
  if (settings.peppers === null) {
    return {
      said: settings.pepperFile,
      read: () => {
        const file = readPepperFile(settings.pepperFile);
        if (file === undefined)
          throw new Error(`${settings.pepperFile} is missing. Restore it from your backup.`);
        return file;
      },
      write: (file) => writePepperFile(settings.pepperFile, file, { replace: true }),
    };
  }
  const text = settings.peppers;
  if (newFile === undefined) {
    throw new Error(
      'The peppers of this machine stand in KEYWRIGHT_PEPPERS, which this command cannot change. Say where to write what ' +
        'is to be put there: --write-to <new file>. It is made for you alone; delete it when it is in your secret store.',
    );
  }
  if (existsSync(newFile))
    throw new Error(`${newFile} is there already. Name a file that does not exist yet.`);
  return {
    said: newFile,
    read: () => parsePepperFile(text, 'KEYWRIGHT_PEPPERS'),
    // On one line, so that it can stand in an environment file as it is.
    write: (file) =>
      writeFileSync(newFile, `${JSON.stringify(JSON.parse(formatPepperFile(file)))}\n`, {
        mode: 0o600,
        flag: 'wx',
      }),
  };
}
