import { LRUCache } from 'lru-cache';
import type { Database } from '../database/database.ts';
import type { ApiLoader } from './load-api.ts';
import type { Connection } from './types.ts';

export type ConnectionLoader = (
  applicationId: string,
  accessRevision: number,
) => Promise<readonly Connection[] | undefined>;

type Row = {
  access_revision: number;
  api_id: string | null;
  endpoints: string | null;
  api_revision: number | null;
};

/**
 * Loads what an application may call, as of its access revision (which grows whenever its connections or one of its
 * APIs change, and is read anew with every verification); undefined: it has moved on, so start over. Kept by
 * (application, revision), like compiled APIs.
 */
export function createConnectionLoader(database: Database, apis: ApiLoader): ConnectionLoader {
  const kept = new LRUCache<string, readonly Connection[]>({ max: 10_000 });
  const readRows = database.prepare<Row>(
    database.read
      .selectFrom('application')
      .leftJoin('connection', 'connection.application_id', 'application.id')
      .leftJoin('api', 'api.id', 'connection.api_id')
      .select([
        'application.access_revision',
        'connection.api_id',
        'connection.endpoints',
        'api.revision as api_revision',
      ])
      .where('application.id', '=', '')
      .compile(),
  );

  return async (applicationId, accessRevision) => {
    const key = `${applicationId}@${accessRevision}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const connections: Connection[] = [];
    for (const row of await readRows([applicationId])) {
      if (row.access_revision !== accessRevision) return undefined;
      if (row.api_id === null || row.endpoints === null || row.api_revision === null) continue;
      const api = await apis.atRevision(row.api_id, row.api_revision);
      if (api === undefined) return undefined;
      const endpoints = JSON.parse(row.endpoints) as 'all' | string[];
      connections.push({ api, endpoints: endpoints === 'all' ? 'all' : new Set(endpoints) });
    }
    kept.set(key, connections);
    return connections;
  };
}
