import { newestVersion } from '../../database/migrate.ts';
import { type Finding, ok, wrong } from './finding.ts';

/** Whether the schema is this program's. */
export function checkVersion(version: number): Finding {
  if (version === newestVersion)
    return ok('database', `The schema is at version ${version}, this program's.`);
  if (version > newestVersion) {
    return wrong(
      'database',
      `The schema is at version ${version}, and this program knows versions up to ${newestVersion}.`,
      'Start the newer program that wrote it, or restore a backup made before the upgrade.',
    );
  }
  return wrong(
    'database',
    `The schema is at version ${version}, and this program needs ${newestVersion}.`,
    'Make a backup, and run keywright migrate (or serve, which does the same).',
  );
}
