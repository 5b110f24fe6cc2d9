import { z } from 'zod';
import { authorize } from '../access/authorize.ts';
import type { Ctx } from '../context.ts';
import { decodeCursor, type Page, pageQuery, toPage } from '../list-page.ts';
import { presentTeam, type Team } from './team.ts';

export const listTeamsQuery = z.strictObject(pageQuery);

/** The organization's teams, newest first. @throws AppError `forbidden`. */
export async function listTeams(ctx: Ctx, query: z.infer<typeof listTeamsQuery>): Promise<Page<Team>> {
  authorize(ctx, 'teams:read');
  let select = ctx.database.read
    .selectFrom('team')
    .selectAll()
    .where('organization_id', '=', ctx.organizationId)
    .orderBy('id', 'desc')
    .limit(query.limit + 1);
  if (query.cursor !== undefined) select = select.where('id', '<', String(decodeCursor(query.cursor, 1)[0]));
  const rows = await select.execute();
  return toPage(
    rows,
    query.limit,
    (row) => presentTeam(row).value,
    (row) => [row.id],
  );
}
