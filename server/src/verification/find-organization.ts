import type { Database } from '../database/database.ts';
import type { OrganizationEntry } from './caches.ts';

/** Prepares the look-up of what verification asks of an organization: whether there can be foreign secrets. */
export function prepareFindOrganization(
  database: Database,
): (id: string) => Promise<OrganizationEntry | undefined> {
  const read = database.prepare<{ first_import_at: number | null }>(
    database.read.selectFrom('organization').select('first_import_at').where('id', '=', '').compile(),
  );
  return async (id) => {
    const [row] = await read([id]);
    return row && { id, hasImports: row.first_import_at !== null };
  };
}
