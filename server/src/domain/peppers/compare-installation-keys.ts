import type { Reader } from '../../database/database.ts';
import { fingerprintOf } from '../../lib/peppers.ts';
import { auditKeyName, type InstallationKeys } from './load-installation-keys.ts';

export type ComparedPepper = {
  version: number;
  /** `unrecorded`: not in the database yet, the next start records it. */
  recorded: 'active' | 'waiting' | 'retired' | 'unrecorded';
  atHand: 'same' | 'other' | 'missing';
};

export type ComparedKeys = { peppers: ComparedPepper[]; auditKey: 'same' | 'other' | 'unrecorded' };

/** Compares the keys at hand with the fingerprints in the database; nothing is written. */
export async function compareInstallationKeys(reader: Reader, keys: InstallationKeys): Promise<ComparedKeys> {
  const rows = await reader.selectFrom('pepper').selectAll().orderBy('version').execute();
  const auditKey = await reader
    .selectFrom('installation')
    .select('value')
    .where('name', '=', auditKeyName)
    .executeTakeFirst();
  const recorded = rows.map((row): ComparedPepper => {
    const value = keys.peppers.get(row.version);
    const same = value !== undefined && fingerprintOf(value) === row.fingerprint;
    return {
      version: row.version,
      recorded: row.retired_at !== null ? 'retired' : row.activated_at === null ? 'waiting' : 'active',
      atHand: value === undefined ? 'missing' : same ? 'same' : 'other',
    };
  });
  const unrecorded = [...keys.peppers.keys()]
    .filter((version) => !rows.some((row) => row.version === version))
    .map((version): ComparedPepper => ({ version, recorded: 'unrecorded', atHand: 'same' }));
  return {
    peppers: [...recorded, ...unrecorded],
    auditKey:
      auditKey === undefined
        ? 'unrecorded'
        : auditKey.value === fingerprintOf(keys.auditKey)
          ? 'same'
          : 'other',
  };
}
