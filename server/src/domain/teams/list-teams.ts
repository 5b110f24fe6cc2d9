import { z } from 'zod';
import { authorize } from '../access/authorize.ts';
import type { Ctx } from '../context.ts';
import { idBefore, type Page, pageQuery, toPage } from '../list-page.ts';
import { presentTeam, type Team } from './team.ts';

export const listTeamsQuery = z.strictObject(pageQuery);

/** The organization's teams, newest first. @throws AppError `forbidden`. */
export async function listTeams(ctx: Ctx, query: z.infer<typeof listTeamsQuery>): Promise<Page<Team>> {
  authorize(ctx, 'teams:read');
  const select = ctx.database.read
    .selectFrom('team')
    .selectAll()
    .where('organization_id', '=', ctx.organizationId)
    .where('id', '<', idBefore(query))
    .orderBy('id', 'desc')
    .limit(query.limit + 1);
  return toPage(await select.execute(), query.limit, (row) => presentTeam(row).value);
}
