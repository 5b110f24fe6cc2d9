import { LRUCache } from 'lru-cache';
import type { Database } from '../database/database.ts';
import { UnavailableError } from '../lib/unavailable-error.ts';
import { compileApi } from './endpoint-router.ts';
import type { CompiledApi } from './types.ts';

export type ApiLoader = {
  /** The API compiled as of this revision, or undefined: it has changed since, so what named the revision is old too. */
  atRevision: (apiId: string, revision: number) => Promise<CompiledApi | undefined>;
  /** An API of the organization by its id or slug, as it is now. @throws UnavailableError while it changes too fast to be read. */
  find: (organizationId: string, idOrSlug: string) => Promise<CompiledApi | undefined>;
};

type Head = { id: string; slug: string; revision: number };
type Kept = { revision: number; life: number; api: CompiledApi };

/** Endpoints and scopes, all APIs together, at up to 1.3 kB each. */
const mostParts = 200_000;

/**
 * Loads APIs with their endpoints compiled for matching. A compiled API is kept with its revision: the revision comes from
 * the database with every question, and a revision never means two things, so what is kept can be unused but not stale. Of
 * an API one revision is kept, and all together up to a size: else a large API that is changed again and again would fill
 * the memory.
 * @param lifeNow which life of the database this is: in another one, after it was restored, a revision may mean something else
 */
export function createApiLoader(
  database: Database,
  limits = { parts: mostParts },
  lifeNow: () => number = () => 0,
): ApiLoader {
  const compiled = new LRUCache<string, Kept>({
    max: 10_000,
    maxSize: limits.parts,
    sizeCalculation: ({ api }) => api.parts,
  });
  const findKept = (apiId: string, revision: number): CompiledApi | undefined => {
    const kept = compiled.get(apiId);
    return kept?.revision === revision && kept.life === lifeNow() ? kept.api : undefined;
  };
  const readHead = database.prepare<Head>(
    database.read.selectFrom('api').select(['id', 'slug', 'revision']).where('id', '=', '').compile(),
  );
  const findHead = database.prepare<Head>(
    database.read
      .selectFrom('api')
      .select(['id', 'slug', 'revision'])
      .where('organization_id', '=', '')
      .where((eb) => eb.or([eb('id', '=', ''), eb('slug', '=', '')]))
      .compile(),
  );

  async function load(head: Head): Promise<CompiledApi | undefined> {
    const known = findKept(head.id, head.revision);
    if (known !== undefined) return known;
    const life = lifeNow();
    const scopes = await database.read
      .selectFrom('scope')
      .select('name')
      .where('api_id', '=', head.id)
      .execute();
    const endpoints = await database.read
      .selectFrom('endpoint')
      .select(['id', 'method', 'path', 'scopes'])
      .where('api_id', '=', head.id)
      .execute();
    // Read in three statements, so in three snapshots: they are one state only if the revision stood still meanwhile.
    const [after] = await readHead([head.id]);
    if (after?.revision !== head.revision) return undefined;
    const api = compileApi({
      id: head.id,
      slug: head.slug,
      scopeNames: scopes.map((scope) => scope.name),
      endpoints: endpoints.map((endpoint) => ({
        ...endpoint,
        scopes: JSON.parse(endpoint.scopes) as string[],
      })),
    });
    compiled.set(head.id, { revision: head.revision, life, api });
    return api;
  }

  return {
    atRevision: async (apiId, revision) => {
      const known = findKept(apiId, revision);
      if (known !== undefined) return known;
      const [head] = await readHead([apiId]);
      return head?.revision === revision ? load(head) : undefined;
    },
    find: async (organizationId, idOrSlug) => {
      for (let attempt = 0; attempt < 3; attempt++) {
        const [head] = await findHead([organizationId, idOrSlug, idOrSlug]);
        if (head === undefined) return undefined;
        const api = await load(head);
        if (api !== undefined) return api;
      }
      // No state of it was seen whole, so nothing can be said of it: not even that an endpoint is unknown.
      throw new UnavailableError('changing_too_fast');
    },
  };
}
