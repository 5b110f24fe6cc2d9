import type { Database } from '../../database/database.ts';
import type { Clock } from '../../lib/clock.ts';
import { fingerprintOf, type Peppers } from '../../lib/peppers.ts';
import type { Random } from '../../lib/random.ts';
import { beginChain } from '../audit/transact.ts';

/** What must be kept outside the database: the peppers, and the key of the audit chains. */
export type InstallationKeys = { peppers: Peppers; auditKey: Uint8Array };

/** The keys at hand are not those of this database. The message says which, and what to do. */
export class WrongKeysError extends Error {}

/** 128 random bits in hex. */
export function newEpoch(random: Random): string {
  return Buffer.from(random(16)).toString('hex');
}

/** Under this name the fingerprint of the audit key stands in `installation`. */
export const auditKeyName = 'audit_key_fingerprint';

/** Whether the database has keys of an installation; then none may be made up. */
export async function hasInstallationKeys(database: Database): Promise<boolean> {
  const row = await database.read.selectFrom('pepper').select('version').executeTakeFirst();
  return row !== undefined;
}

/**
 * Compares the keys at hand with the fingerprints in the database, and records them at the very first start. A pepper
 * that is new to the database is recorded, and used once it is activated.
 * @throws WrongKeysError where a key is missing or another one.
 */
export async function checkInstallationKeys(
  database: Database,
  keys: InstallationKeys,
  clock: Clock,
  random: Random,
): Promise<void> {
  await database.write(async (tx) => {
    await beginChain(tx, 'installation');
    // Locks out another first start beside this one.
    await database.lockAuditHead(tx, 'installation');
    const known = await tx.selectFrom('pepper').selectAll().execute();
    for (const pepper of known) {
      if (pepper.retired_at !== null) continue;
      const value = keys.peppers.get(pepper.version);
      // One that was added elsewhere and is not used yet may still be on its way to this node.
      if (value === undefined && pepper.activated_at === null) continue;
      if (value === undefined || fingerprintOf(value) !== pepper.fingerprint) {
        const what =
          value === undefined
            ? `lacks pepper ${pepper.version}, which this database was used with`
            : `has another pepper ${pepper.version} than the one this database was used with`;
        throw new WrongKeysError(
          `The pepper file ${what}. Start with the pepper file of this installation (every node needs the same).`,
        );
      }
    }
    for (const [version, value] of keys.peppers) {
      if (known.some((pepper) => pepper.version === version)) continue;
      const now = clock();
      await tx
        .insertInto('pepper')
        .values({
          version,
          fingerprint: fingerprintOf(value),
          created_at: now,
          activated_at: known.length === 0 ? now : null,
          retired_at: null,
        })
        .execute();
    }
    const auditKey = fingerprintOf(keys.auditKey);
    await tx
      .insertInto('installation')
      .values([
        { name: auditKeyName, value: auditKey },
        // Names this life of the database: `restore` renews it, and whoever remembers another one forgets everything.
        { name: 'epoch', value: newEpoch(random) },
      ])
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute();
    const recorded = await tx
      .selectFrom('installation')
      .select('value')
      .where('name', '=', auditKeyName)
      .executeTakeFirstOrThrow();
    if (recorded.value !== auditKey) {
      throw new WrongKeysError(
        'The pepper file has another audit key than the one this database was used with. Start with the pepper file of this installation.',
      );
    }
  });
}
