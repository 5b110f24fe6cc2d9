import type { Writer } from '../../database/database.ts';
import { type Change, changed } from '../audit/change.ts';
import type { Ctx } from '../context.ts';
import type { Versioned } from '../versioned.ts';
import { type Api, presentApi } from './api.ts';
import type { CheckedEndpoint } from './check-definition.ts';
import { describeApi } from './describe-api-change.ts';
import { readApiParts, type StoredScope } from './read-api-parts.ts';
import { refuseTakenScopeNames, refuseTakenSlug } from './refuse-taken-names.ts';
import { writeEndpoints, writeScopes } from './write-api-parts.ts';

export type NewApi = {
  name: string;
  slug: string;
  scopes: readonly StoredScope[];
  endpoints: readonly CheckedEndpoint[];
};

/** Writes a new API whose scopes and endpoints were checked. @throws AppError `slug_taken`, `conflict`. */
export async function storeNewApi(ctx: Ctx, tx: Writer, made: NewApi): Promise<Change<Versioned<Api>>> {
  await refuseTakenSlug(ctx, tx, made.slug);
  await refuseTakenScopeNames(ctx, tx, made.scopes);
  const now = ctx.clock();
  const row = {
    id: ctx.newId('api'),
    organization_id: ctx.organizationId,
    name: made.name,
    slug: made.slug,
    revision: 1,
    created_at: now,
    created_by: ctx.actor.id,
    updated_at: now,
  };
  await tx.insertInto('api').values(row).execute();
  await writeScopes(ctx, tx, row.id, made.scopes);
  await writeEndpoints(ctx, tx, row.id, { add: [...made.endpoints], change: [], remove: [] });
  const parts = await readApiParts(ctx, tx, row.id);
  return changed(presentApi(row, parts), {
    target: { kind: 'api', id: row.id },
    before: null,
    after: describeApi(made, made.endpoints),
  });
}
