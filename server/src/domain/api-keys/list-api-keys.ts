import { type SqlBool, sql } from 'kysely';
import { z } from 'zod';
import type { ApiKeyTable } from '../../database/schema.ts';
import { authorize } from '../access/authorize.ts';
import type { Ctx } from '../context.ts';
import { environmentField, idField, nameKey } from '../fields.ts';
import { decodeCursor, encodeCursor, type Page, pageQuery } from '../list-page.ts';
import type { ApiKey } from './api-key.ts';
import { type Branch, branchesOf } from './list-branches.ts';
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
  const found = await Promise.all(
    branchesOf(query).map((branch) => readBranch(ctx, query, branch, byName, after)),
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

function readBranch(
  ctx: Ctx,
  query: ListApiKeysQuery,
  branch: Branch,
  byName: boolean,
  after: readonly string[] | undefined,
): Promise<ApiKeyTable[]> {
  let select = ctx.database.read
    .selectFrom('api_key')
    .selectAll('api_key')
    .where('api_key.organization_id', '=', ctx.organizationId)
    .where('api_key.deleted_at', 'is', null)
    .limit(query.limit + 1);
  if (branch.environment !== undefined) select = select.where('api_key.environment', '=', branch.environment);
  if (branch.standing !== undefined) select = select.where('api_key.standing', '=', branch.standing);
  if (branch.expires === 'passed, not noted') {
    select = select
      .where('api_key.revoked_at', 'is', null)
      .where('api_key.expiry_noted_at', 'is', null)
      .where('api_key.expires_at', '<=', ctx.clock());
  } else if (branch.expires === 'not passed') {
    select = select.where((eb) =>
      eb.or([eb('api_key.expires_at', 'is', null), eb('api_key.expires_at', '>', ctx.clock())]),
    );
  }
  if (query.applicationId !== undefined)
    select = select.where('api_key.application_id', '=', query.applicationId);
  if (query.createdBy !== undefined) select = select.where('api_key.created_by', '=', query.createdBy);
  if (branch.search === 'name' && query.query !== undefined) {
    const start = nameKey(query.query);
    // U+10FFFF is the greatest character in byte order, so this range is every name that begins so.
    select = select
      .where('api_key.name_key', '>=', start)
      .where('api_key.name_key', '<', `${start}\u{10ffff}`);
  } else if (branch.search === 'id' && query.query !== undefined) {
    select = select.where('api_key.id', '=', query.query);
  } else if (branch.search === 'last four' && query.query !== undefined) {
    const lastFour = query.query;
    select = select.where('api_key.id', 'in', (eb) =>
      eb
        .selectFrom('secret')
        .select('secret.api_key_id')
        .where('secret.organization_id', '=', ctx.organizationId)
        .where('secret.last_four', '=', lastFour),
    );
  }
  if (byName) {
    if (after !== undefined) {
      select = select.where(sql<SqlBool>`(api_key.name_key, api_key.id) > (${after[0]}, ${after[1]})`);
    }
    return select.orderBy('api_key.name_key').orderBy('api_key.id').execute();
  }
  if (after !== undefined) select = select.where('api_key.id', '<', String(after[0]));
  return select.orderBy('api_key.id', 'desc').execute();
}

function newestFirst(a: ApiKeyTable, b: ApiKeyTable): number {
  return a.id < b.id ? 1 : -1;
}

/** By bytes, as both databases sort; JavaScript alone would compare UTF-16 units. */
function inOrderOfName(a: ApiKeyTable, b: ApiKeyTable): number {
  return Buffer.compare(Buffer.from(a.name_key), Buffer.from(b.name_key)) || (a.id < b.id ? -1 : 1);
}
