import { z } from 'zod';
import type { Reader } from '../../database/database.ts';
import type { TeamTable } from '../../database/schema.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { isoInstant } from '../fields.ts';
import { type Versioned, versioned } from '../versioned.ts';

export const teamSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    mayTouchProductionKeys: z
      .boolean()
      .meta({ description: 'Whether its members may change production keys.' }),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Team', description: 'Members who own applications together.' });

export type Team = z.infer<typeof teamSchema>;

export function presentTeam(row: TeamTable): Versioned<Team> {
  const team = {
    id: row.id,
    name: row.name,
    mayTouchProductionKeys: row.production_granted_at !== null,
    createdAt: isoInstant(row.created_at),
    updatedAt: isoInstant(row.updated_at),
  };
  return versioned(team, row.revision);
}

/** @throws AppError `not_found`, also for another organization's. */
export async function findTeamInOrganization(ctx: Ctx, reader: Reader, id: string): Promise<TeamTable> {
  const row = await reader
    .selectFrom('team')
    .selectAll()
    .where('organization_id', '=', ctx.organizationId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw new AppError('not_found', 'There is no team with this id.');
  return row;
}
