import { z } from 'zod';
import type { Reader } from '../../database/database.ts';
import type { OrganizationTable } from '../../database/schema.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { isoInstant } from '../fields.ts';
import { type Versioned, versioned } from '../versioned.ts';

export const organizationSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    brand: z.string().meta({ description: 'Begins the secrets of this organization: <brand>_<env>_….' }),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Organization' });

export type Organization = z.infer<typeof organizationSchema>;

export function presentOrganization(row: OrganizationTable): Versioned<Organization> {
  const organization = {
    id: row.id,
    name: row.name,
    brand: row.brand,
    createdAt: isoInstant(row.created_at),
    updatedAt: isoInstant(row.updated_at),
  };
  return versioned(organization, row.revision);
}

/**
 * The caller's own organization: a management key belongs to one, and sees no other.
 * @throws AppError `not_found`, also for another organization's id.
 */
export async function findOwnOrganization(ctx: Ctx, reader: Reader, id: string): Promise<OrganizationTable> {
  const row = await reader
    .selectFrom('organization')
    .selectAll()
    .where('id', '=', ctx.organizationId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw new AppError('not_found', 'There is no organization with this id.');
  return row;
}
