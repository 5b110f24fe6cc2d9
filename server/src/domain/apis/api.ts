import { z } from 'zod';
import type { Reader } from '../../database/database.ts';
import type { ApiTable } from '../../database/schema.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { isoInstant } from '../fields.ts';
import { type Versioned, versioned } from '../versioned.ts';
import { type ApiParts, readApiParts } from './read-api-parts.ts';

const head = {
  id: z.string(),
  name: z.string(),
  slug: z.string(),
};
const tail = {
  createdAt: z.string(),
  createdBy: z.string(),
  updatedAt: z.string(),
};

export const apiSchema = z
  .object({
    ...head,
    scopes: z.array(
      z
        .object({ name: z.string(), description: z.string(), access: z.enum(['read', 'full']) })
        .meta({ id: 'Scope', description: 'What a key may do at an API.' }),
    ),
    endpoints: z.array(
      z.object({ id: z.string(), method: z.string(), path: z.string(), scopes: z.array(z.string()) }).meta({
        id: 'Endpoint',
        description: 'A method and a path template, and the scopes that a caller needs.',
      }),
    ),
    ...tail,
  })
  .meta({ id: 'Api', description: 'A protected API.' });

export const apiSummarySchema = z
  .object({ ...head, scopeCount: z.number().int(), endpointCount: z.number().int(), ...tail })
  .meta({ id: 'ApiSummary', description: 'A protected API without its scopes and endpoints.' });

export type Api = z.infer<typeof apiSchema>;
export type ApiSummary = z.infer<typeof apiSummarySchema>;

export function presentApi(row: ApiTable, parts: ApiParts): Versioned<Api> {
  const api = {
    ...presentHead(row),
    scopes: parts.scopes.map(({ name, description, access }) => ({ name, description, access })),
    endpoints: parts.endpoints.map(({ id, method, path, scopes }) => ({ id, method, path, scopes })),
    ...presentTail(row),
  };
  return versioned(api, row.revision);
}

export function presentApiSummary(
  row: ApiTable & { scope_count: number; endpoint_count: number },
): ApiSummary {
  return {
    ...presentHead(row),
    scopeCount: Number(row.scope_count),
    endpointCount: Number(row.endpoint_count),
    ...presentTail(row),
  };
}

function presentHead(row: ApiTable) {
  return { id: row.id, name: row.name, slug: row.slug };
}

function presentTail(row: ApiTable) {
  return {
    createdAt: isoInstant(row.created_at),
    createdBy: row.created_by,
    updatedAt: isoInstant(row.updated_at),
  };
}

/** @throws AppError `not_found`, also for another organization's. */
export async function findApiInOrganization(ctx: Ctx, reader: Reader, id: string): Promise<ApiTable> {
  const row = await reader
    .selectFrom('api')
    .selectAll()
    .where('organization_id', '=', ctx.organizationId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw new AppError('not_found', 'There is no API with this id.');
  return row;
}

/**
 * The API as it is, whole. Outside a transaction it is read in several snapshots: they are one state only if the
 * revision stood still meanwhile.
 * @throws AppError `not_found`.
 */
export async function readWholeApi(ctx: Ctx, reader: Reader, id: string): Promise<Versioned<Api>> {
  let row = await findApiInOrganization(ctx, reader, id);
  for (;;) {
    const parts = await readApiParts(ctx, reader, id);
    const after = await findApiInOrganization(ctx, reader, id);
    if (after.revision === row.revision) return presentApi(row, parts);
    row = after;
  }
}
