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

/** A connection as it is kept: it names its API, which is kept elsewhere, so that no old one is held on to from here. */
type Link = { apiId: string; apiRevision: number; endpoints: Connection['endpoints'] };
type Kept = { revision: number; life: number; links: readonly Link[] };

/** Endpoints that connections list, all applications together, at about 100 bytes each. */
const mostListed = 1_000_000;

/**
 * Loads what an application may call, as of its access revision (which grows whenever its connections or one of its
 * APIs change, and is read anew before each use of what is kept here); undefined: it has moved on, so start over. Kept with that
 * revision, like compiled APIs, one of an application.
 */
export function createConnectionLoader(
  database: Database,
  apis: ApiLoader,
  lifeNow: () => number = () => 0,
): ConnectionLoader {
  const kept = new LRUCache<string, Kept>({
    max: 10_000,
    maxSize: mostListed,
    sizeCalculation: ({ links }) => links.reduce((sum, link) => sum + sizeOf(link), 1),
  });
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

  async function readLinks(applicationId: string, accessRevision: number): Promise<Link[] | undefined> {
    const links: Link[] = [];
    for (const row of await readRows([applicationId])) {
      if (row.access_revision !== accessRevision) return undefined;
      if (row.api_id === null || row.endpoints === null || row.api_revision === null) continue;
      const endpoints = JSON.parse(row.endpoints) as 'all' | string[];
      links.push({
        apiId: row.api_id,
        apiRevision: row.api_revision,
        endpoints: endpoints === 'all' ? 'all' : new Set(endpoints),
      });
    }
    return links;
  }

  async function follow(links: readonly Link[]): Promise<Connection[] | undefined> {
    const connections: Connection[] = [];
    for (const { apiId, apiRevision, endpoints } of links) {
      const api = await apis.atRevision(apiId, apiRevision);
      if (api === undefined) return undefined;
      connections.push({ api, endpoints });
    }
    return connections;
  }

  return async (applicationId, accessRevision) => {
    const known = kept.get(applicationId);
    const life = lifeNow();
    if (known?.revision === accessRevision && known.life === life) {
      const connections = await follow(known.links);
      if (connections !== undefined) return connections;
      // A new name of an API is a new revision of it, and none of the application: its links are read again.
    }
    const links = await readLinks(applicationId, accessRevision);
    const connections = links && (await follow(links));
    if (links !== undefined && connections !== undefined) {
      kept.set(applicationId, { revision: accessRevision, life, links });
    }
    return connections;
  };
}

function sizeOf({ endpoints }: Link): number {
  return 1 + (endpoints === 'all' ? 0 : endpoints.size);
}
