import type { Database } from '../database/database.ts';
import type { ProfileEntry } from './types.ts';

/** Prepares the look-up of a profile by its id. */
export function prepareFindProfile(database: Database): (id: string) => Promise<ProfileEntry | undefined> {
  const read = database.prepare<{ name: string; settings: string }>(
    database.read.selectFrom('profile').select(['name', 'settings']).where('id', '=', '').compile(),
  );
  return async (id) => {
    const [row] = await read([id]);
    return row && { id, name: row.name, settings: JSON.parse(row.settings) as unknown };
  };
}
