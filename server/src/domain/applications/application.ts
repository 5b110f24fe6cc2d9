import { z } from 'zod';
import type { Reader } from '../../database/database.ts';
import type { ApplicationTable } from '../../database/schema.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { isoInstant } from '../fields.ts';
import { type Versioned, versioned } from '../versioned.ts';

export const applicationSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    description: z.string(),
    teamId: z
      .string()
      .nullable()
      .meta({ description: 'The team that owns it; null: it belongs to the admins.' }),
    createdAt: z.string(),
    createdBy: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Application', description: 'A client: the program that calls APIs.' });

export type Application = z.infer<typeof applicationSchema>;

export const descriptionField = z
  .string({ error: 'must be text of at most 2,000 characters; it may be empty' })
  .max(2_000, { error: 'must have at most 2,000 characters' });

export function presentApplication(row: ApplicationTable): Versioned<Application> {
  const application = {
    id: row.id,
    title: row.title,
    description: row.description,
    teamId: row.team_id,
    createdAt: isoInstant(row.created_at),
    createdBy: row.created_by,
    updatedAt: isoInstant(row.updated_at),
  };
  return versioned(application, row.revision);
}

/** @throws AppError `not_found`, also for another organization's and for a deleted one. */
export async function findApplicationInOrganization(
  ctx: Ctx,
  reader: Reader,
  id: string,
): Promise<ApplicationTable> {
  const row = await findApplicationOrTombstone(ctx, reader, id);
  if (row.deleted_at !== null) throw noSuchApplication();
  return row;
}

/** Also what is left of a deleted one. @throws AppError `not_found`, also for another organization's. */
export async function findApplicationOrTombstone(
  ctx: Ctx,
  reader: Reader,
  id: string,
): Promise<ApplicationTable> {
  const row = await reader
    .selectFrom('application')
    .selectAll()
    .where('organization_id', '=', ctx.organizationId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw noSuchApplication();
  return row;
}

function noSuchApplication(): AppError {
  return new AppError('not_found', 'There is no application with this id.');
}
