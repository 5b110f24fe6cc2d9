import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Peppers } from './peppers.ts';
import type { Random } from './random.ts';
import { syncFolder } from './sync-folder.ts';

/** The pepper file as it stands on disk, 0600: base64 of 32 bytes each, peppers by version. */
export type PepperFile = { peppers: Peppers; auditKey: Uint8Array };

export function makePepperFile(random: Random): PepperFile {
  return { peppers: new Map([[1, random(32)]]), auditKey: random(32) };
}

/** @throws Error that says what is wrong with the text, and quotes nothing of it. */
export function parsePepperFile(text: string, name: string): PepperFile {
  const bad = (what: string) =>
    new Error(`${name} is not a pepper file: ${what}. Restore it from your backup.`);
  let parsed: { peppers?: unknown; auditKey?: unknown };
  try {
    parsed = JSON.parse(text) as typeof parsed;
  } catch {
    throw bad('it is not JSON');
  }
  if (typeof parsed?.peppers !== 'object' || parsed.peppers === null) throw bad('"peppers" is missing');
  const peppers = new Map<number, Uint8Array>();
  for (const [version, value] of Object.entries(parsed.peppers)) {
    if (!/^[1-9]\d{0,5}$/.test(version)) throw bad('a pepper has no version number');
    peppers.set(
      Number(version),
      read32(value, () => bad(`pepper ${version} is not 32 bytes in base64`)),
    );
  }
  if (peppers.size === 0) throw bad('it has no pepper');
  return { peppers, auditKey: read32(parsed.auditKey, () => bad('"auditKey" is not 32 bytes in base64')) };
}

export function readPepperFile(path: string): PepperFile | undefined {
  return existsSync(path) ? parsePepperFile(readFileSync(path, 'utf8'), path) : undefined;
}

/**
 * Writes the file whole or not at all, for its owner alone. `replace: false` leaves a file that is there as it is, so of
 * two starters one makes it and both read the same.
 */
export function writePepperFile(path: string, file: PepperFile, options: { replace: boolean }): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Not by the process's number: one that was killed may have left a draft, and in a container all have the same.
  const draft = `${path}.${randomUUID()}.new`;
  const descriptor = openSync(draft, 'wx', 0o600);
  writeSync(descriptor, formatPepperFile(file));
  fsyncSync(descriptor);
  closeSync(descriptor);
  if (options.replace) {
    renameSync(draft, path);
  } else {
    try {
      linkSync(draft, path);
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error;
    } finally {
      unlinkSync(draft);
    }
  }
  // The database may rely on it a moment later.
  syncFolder(dirname(path));
}

/** What stands in the file, and in KEYWRIGHT_PEPPERS. */
export function formatPepperFile(file: PepperFile): string {
  const peppers = Object.fromEntries([...file.peppers].map(([version, value]) => [version, base64(value)]));
  return `${JSON.stringify({ peppers, auditKey: base64(file.auditKey) }, null, 2)}\n`;
}

function base64(value: Uint8Array): string {
  return Buffer.from(value).toString('base64');
}

function read32(value: unknown, bad: () => Error): Uint8Array {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : undefined;
  if (bytes?.length !== 32) throw bad();
  return bytes;
}
