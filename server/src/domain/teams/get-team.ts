import { authorize } from '../access/authorize.ts';
import type { Ctx } from '../context.ts';
import type { Versioned } from '../versioned.ts';
import { findTeamInOrganization, presentTeam, type Team } from './team.ts';

/** @throws AppError `forbidden`, `not_found`. */
export async function getTeam(ctx: Ctx, id: string): Promise<Versioned<Team>> {
  authorize(ctx, 'teams:read');
  return presentTeam(await findTeamInOrganization(ctx, ctx.database.read, id));
}
