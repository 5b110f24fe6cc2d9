import { z } from 'zod';
import type { Reader } from '../../database/database.ts';
import type { ManagementKeyTable } from '../../database/schema.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { isoInstant, isoInstantOrNull } from '../fields.ts';

export const managementKeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.string()),
    status: z.enum(['active', 'expired', 'revoked']),
    maskedSecret: z.string(),
    expiresAt: z.string().nullable(),
    lastUsedAt: z.string().nullable(),
    createdAt: z.string(),
    createdBy: z.string(),
  })
  .meta({ id: 'ManagementKey', description: 'Lets a program use this API.' });

export type ManagementKey = z.infer<typeof managementKeySchema>;
type Row = ManagementKeyTable & { last_used_at: number | null };

export function presentManagementKey(row: Row, now: number): ManagementKey {
  const expired = row.expires_at !== null && row.expires_at <= now;
  return {
    id: row.id,
    name: row.name,
    scopes: JSON.parse(row.scopes) as string[],
    status: row.revoked_at !== null ? 'revoked' : expired ? 'expired' : 'active',
    maskedSecret: row.masked,
    expiresAt: isoInstantOrNull(row.expires_at),
    lastUsedAt: isoInstantOrNull(row.last_used_at),
    createdAt: isoInstant(row.created_at),
    createdBy: row.created_by,
  };
}

export function selectManagementKeys(reader: Reader, organizationId: string) {
  return reader
    .selectFrom('management_key')
    .leftJoin('management_key_use', 'management_key_use.management_key_id', 'management_key.id')
    .selectAll('management_key')
    .select('management_key_use.last_used_at')
    .where('management_key.organization_id', '=', organizationId);
}

/** @throws AppError `not_found`, also for another organization's. */
export async function findManagementKeyInOrganization(ctx: Ctx, reader: Reader, id: string): Promise<Row> {
  const row = await selectManagementKeys(reader, ctx.organizationId)
    .where('management_key.id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw new AppError('not_found', 'There is no management key with this id.');
  return row;
}
