import { LRUCache } from 'lru-cache';
import type { Database } from '../database/database.ts';
import { isId } from '../lib/ids.ts';

export type GatewayApi = { id: string; organizationId: string };

/**
 * Makes the look-up of the API that a gateway names, and so of the organization whose keys may pass there: by the API's id,
 * or by its slug while there is one organization only (with two, a slug would mean two things).
 *
 * What an id was found to belong to is kept: ids are never used again and no API changes hands. Whether the API still is
 * there, and all else about it, is the verifier's to know, whose caches the change log keeps true.
 */
export function createGatewayApiFinder(
  database: Database,
): (idOrSlug: string) => Promise<GatewayApi | undefined> {
  const owners = new LRUCache<string, GatewayApi>({ max: 1_000 });
  const select = database.read.selectFrom('api').select(['api.id', 'api.organization_id']);
  type Row = { id: string; organization_id: string };
  const findById = database.prepare<Row>(select.where('api.id', '=', '').compile());
  const findBySlug = database.prepare<Row>(
    select
      .where('api.slug', '=', '')
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('organization')
              .select('organization.id')
              .whereRef('organization.id', '<>', 'api.organization_id'),
          ),
        ),
      )
      .compile(),
  );

  return async (idOrSlug) => {
    const known = owners.get(idOrSlug);
    if (known !== undefined) return known;
    const isApiId = isId(idOrSlug, 'api');
    const [row] = await (isApiId ? findById : findBySlug)([idOrSlug]);
    if (row === undefined) return undefined;
    const found = { id: row.id, organizationId: row.organization_id };
    if (isApiId) owners.set(idOrSlug, found);
    return found;
  };
}
