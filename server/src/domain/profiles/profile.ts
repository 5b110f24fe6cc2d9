import { z } from 'zod';
import type { Reader } from '../../database/database.ts';
import type { ProfileTable } from '../../database/schema.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { isoInstant } from '../fields.ts';
import { type Versioned, versioned } from '../versioned.ts';

export const profileSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    settings: z.record(z.string(), z.unknown()).meta({ description: 'Handed to the API at verification.' }),
    createdAt: z.string(),
    createdBy: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Profile', description: 'Named settings that are attached to API keys.' });

export type Profile = z.infer<typeof profileSchema>;

export function presentProfile(row: ProfileTable): Versioned<Profile> {
  const profile = {
    id: row.id,
    name: row.name,
    // Written by this program from an object, so it is one.
    settings: JSON.parse(row.settings) as Record<string, unknown>,
    createdAt: isoInstant(row.created_at),
    createdBy: row.created_by,
    updatedAt: isoInstant(row.updated_at),
  };
  return versioned(profile, row.revision);
}

/** @throws AppError `not_found`, also for another organization's. */
export async function findProfileInOrganization(ctx: Ctx, reader: Reader, id: string): Promise<ProfileTable> {
  const row = await reader
    .selectFrom('profile')
    .selectAll()
    .where('organization_id', '=', ctx.organizationId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw new AppError('not_found', 'There is no profile with this id.');
  return row;
}
