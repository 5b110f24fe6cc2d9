import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram } from './find-program.ts';

const OLDEST = 15;
const DEBIAN = '/usr/lib/postgresql';

/**
 * The folder of PostgreSQL's server programs: the newest of Debian's, which are not on the PATH, else that of the
 * `initdb` on the PATH; undefined where there is none.
 */
export function findPostgres(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).map(Number) : [];
  const newest = versions
    .filter((version) => version >= OLDEST)
    .sort((a, b) => b - a)
    .map((version) => join(DEBIAN, String(version), 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')));
  if (newest) return newest;
  const initdb = findProgram('initdb');
  return initdb && dirname(initdb);
}
