import type { Database } from '../database/database.ts';
import { prepareActivePepper } from '../database/prepare-active-pepper.ts';
import { type Peppers, pepperedHash } from '../lib/peppers.ts';
import type { KeyRow } from './find-key-row.ts';
import type { Uses } from './uses.ts';

/** Makes the function by which an old pepper goes out of use as the secrets under it are presented. */
export function createPepperMover(
  database: Database,
  peppers: Peppers,
  uses: Uses,
): (row: KeyRow, digest: string, namespace: string | undefined) => Promise<void> {
  const readActivePepper = prepareActivePepper(database);
  return async (row, digest, namespace) => {
    const newest = await readActivePepper();
    if (newest === undefined || newest <= row.pepper_version || !peppers.has(newest)) return;
    uses.movePepper({
      table: 'secret',
      id: row.secret_id,
      oldHash: row.secret_hash,
      newHash: pepperedHash(peppers, newest, digest, namespace),
      newVersion: newest,
    });
  };
}
