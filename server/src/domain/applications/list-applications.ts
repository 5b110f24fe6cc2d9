import { z } from 'zod';
import { authorize } from '../access/authorize.ts';
import type { Ctx } from '../context.ts';
import { idField, nameKey } from '../fields.ts';
import { decodeCursor, idBefore, type Page, pageQuery, toPage } from '../list-page.ts';
import { type Application, presentApplication } from './application.ts';

export const listApplicationsQuery = z.strictObject({
  ...pageQuery,
  teamId: idField('team', 'a team').optional(),
  query: z
    .string()
    .trim()
    .min(1, { error: 'must have at least one character; leave it out to list all' })
    .max(100, { error: 'must have at most 100 characters' })
    .meta({ description: 'The start of the title, in any case. The list is then sorted by title.' })
    .optional(),
});

type Query = z.infer<typeof listApplicationsQuery>;

/** Newest first, or with `query` those whose title begins so, by title. @throws AppError `forbidden`, `invalid_request`. */
export async function listApplications(ctx: Ctx, query: Query): Promise<Page<Application>> {
  authorize(ctx, 'applications:read');
  return query.query === undefined
    ? listNewestFirst(ctx, query)
    : listByTitle(ctx, query, nameKey(query.query));
}

async function listNewestFirst(ctx: Ctx, query: Query): Promise<Page<Application>> {
  const select = selectLiving(ctx, query).where('id', '<', idBefore(query)).orderBy('id', 'desc');
  return toPage(await select.execute(), query.limit, (row) => presentApplication(row).value);
}

async function listByTitle(ctx: Ctx, query: Query, start: string): Promise<Page<Application>> {
  let select = selectLiving(ctx, query)
    .where('title_key', '>=', start)
    // No title goes on with the last code point there is, so this is the end of those that begin so.
    .where('title_key', '<', `${start}\u{10ffff}`)
    .orderBy('title_key')
    .orderBy('id');
  if (query.cursor !== undefined) {
    const [title = '', id = ''] = decodeCursor(query.cursor, 2);
    select = select
      .where('title_key', '>=', title)
      .where((eb) => eb.or([eb('title_key', '>', title), eb('id', '>', id)]));
  }
  return toPage(
    await select.execute(),
    query.limit,
    (row) => presentApplication(row).value,
    (row) => [row.title_key, row.id],
  );
}

function selectLiving(ctx: Ctx, query: Query) {
  const select = ctx.database.read
    .selectFrom('application')
    .selectAll()
    .where('organization_id', '=', ctx.organizationId)
    .where('deleted_at', 'is', null)
    .limit(query.limit + 1);
  return query.teamId === undefined ? select : select.where('team_id', '=', query.teamId);
}
