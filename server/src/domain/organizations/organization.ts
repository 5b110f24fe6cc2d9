import { z } from 'zod';
import type { OrganizationTable } from '../../database/schema.ts';
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
