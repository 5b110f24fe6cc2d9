import type { Database } from '../database/database.ts';
import { UnavailableError } from '../lib/unavailable-error.ts';
import type { ConnectionLoader } from './load-connections.ts';
import type { ApplicationEntry } from './types.ts';

type Row = { title: string; deleted_at: number | null; access_revision: number };

const mostAttempts = 5;

/**
 * Makes the function that reads an application with what it may call, or undefined: there is none with this id.
 * @throws UnavailableError while it changes too fast to be read whole.
 */
export function createApplicationLoader(
  database: Database,
  loadConnections: ConnectionLoader,
): (id: string) => Promise<ApplicationEntry | undefined> {
  const read = database.prepare<Row>(
    database.read
      .selectFrom('application')
      .select(['title', 'deleted_at', 'access_revision'])
      .where('id', '=', '')
      .compile(),
  );
  return async (id) => {
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const [row] = await read([id]);
      if (row === undefined) return undefined;
      const connections = await loadConnections(id, row.access_revision);
      if (connections !== undefined) return { id, title: row.title, deletedAt: row.deleted_at, connections };
    }
    throw new UnavailableError('changing_too_fast');
  };
}
