import { z } from 'zod';
import type { ApiKeyTable } from '../../database/schema.ts';
import { authorize } from '../access/authorize.ts';
import type { Ctx } from '../context.ts';
import { environmentField, idField } from '../fields.ts';
import { decodeCursor, encodeCursor, type Page, pageQuery } from '../list-page.ts';
import type { ApiKey } from './api-key.ts';
import { branchQuery } from './list-branch-query.ts';
import { branchesOf } from './list-branches.ts';
import { presentStoredApiKeys } from './load-api-key.ts';

export const listApiKeysQuery = z.strictObject({
  ...pageQuery,
  status: z
    .enum(['active', 'inactive', 'expired', 'revoked'], {
      error: 'must be active, inactive, expired or revoked',
    })
    .optional(),
  environment: environmentField.optional(),
  applicationId: idField('app', 'an application').optional(),
  createdBy: z.string().max(100, { error: 'must be the id of a user or a management key' }).optional(),
  query: z
    .string()
    .min(1, { error: 'must have 1 to 100 characters' })
    .max(100, { error: 'must have 1 to 100 characters' })
    .optional()
    .meta({
      description:
        'The start of a name in any case, an id, or the last four characters of the masked secret.',
    }),
  sort: z
    .enum(['newest', 'name'], { error: 'must be newest or name' })
    .optional()
    .meta({ description: 'Newest first, or by name, which is also the order of a search.' }),
});

export type ListApiKeysQuery = z.infer<typeof listApiKeysQuery>;

/**
 * The organization's keys, deleted ones left out. However many there are, each page is a few index ranges, read from where
 * the page before ended.
 * @throws AppError `forbidden`, `invalid_request`.
 */
export async function listApiKeys(ctx: Ctx, query: ListApiKeysQuery): Promise<Page<ApiKey>> {
  authorize(ctx, 'api_keys:read');
  const byName = (query.sort ?? (query.query === undefined ? 'newest' : 'name')) === 'name';
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, byName ? 2 : 1);
  const asked = { organizationId: ctx.organizationId, query, byName, after, now: ctx.clock() };
  const found = await Promise.all(
    branchesOf(query).map((branch) => branchQuery(ctx.database, asked, branch).execute()),
  );
  const rows = [...new Map(found.flat().map((row) => [row.id, row])).values()]
    .sort(byName ? inOrderOfName : newestFirst)
    .slice(0, query.limit + 1);
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  return {
    data: (await presentStoredApiKeys(ctx, ctx.database.read, shown)).map((apiKey) => apiKey.value),
    nextCursor:
      rows.length > query.limit && last !== undefined
        ? encodeCursor(byName ? [last.name_key, last.id] : [last.id])
        : null,
  };
}

function newestFirst(a: ApiKeyTable, b: ApiKeyTable): number {
  return a.id < b.id ? 1 : -1;
}

/** By bytes, as both databases sort; JavaScript alone would compare UTF-16 units. */
function inOrderOfName(a: ApiKeyTable, b: ApiKeyTable): number {
  return Buffer.compare(Buffer.from(a.name_key), Buffer.from(b.name_key)) || (a.id < b.id ? -1 : 1);
}
