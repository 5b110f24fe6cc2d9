import { z } from 'zod';
import type { ApiKeyTable, ApiKeyUseTable, SecretTable } from '../../database/schema.ts';
import { environmentField, isoInstant, isoInstantOrNull } from '../fields.ts';
import { type Versioned, versioned } from '../versioned.ts';
import { statusOf } from './api-key-status.ts';
import { parseGrants } from './scope-grants.ts';

export const apiKeySchema = z
  .object({
    id: z.string().meta({ description: 'Public: also called client ID, credential ID or shared key.' }),
    name: z.string(),
    applicationId: z.string(),
    environment: environmentField,
    status: z.enum(['active', 'inactive', 'expired', 'revoked']),
    maskedSecret: z.string().meta({ examples: ['kw_live_7Kd2…k3Fq'] }),
    scopes: z.array(z.string()),
    profileId: z.string().nullable(),
    ipAllowlist: z.array(z.string()).nullable(),
    expiresAt: z.string().nullable(),
    rotation: z
      .object({
        id: z.string(),
        startedAt: z.string(),
        oldSecretEndsAt: z.string().nullable(),
        newSecretFirstUsedAt: z.string().nullable(),
      })
      .nullable(),
    lastUsedAt: z.string().nullable(),
    lastUsedIp: z.string().nullable(),
    lastUsedUserAgent: z.string().nullable(),
    createdAt: z.string(),
    createdBy: z.string(),
    importedAt: z.string().nullable().meta({ description: 'Set on a key that came from another system.' }),
    metadata: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'ApiKey' });

export type ApiKey = z.infer<typeof apiKeySchema>;

/** Who used a key last; in a table of its own, so that being used does not change the ETag. */
export type LastUse = Pick<ApiKeyUseTable, 'last_used_at' | 'last_used_ip' | 'last_used_user_agent'>;

export function presentApiKey(
  row: Omit<ApiKeyTable, 'standing'>,
  secret: Pick<SecretTable, 'masked'>,
  use: LastUse | undefined,
  now: number,
): Versioned<ApiKey> {
  const apiKey: ApiKey = {
    id: row.id,
    name: row.name,
    applicationId: row.application_id,
    environment: row.environment,
    status: statusOf(row, now),
    maskedSecret: secret.masked,
    scopes: Object.keys(parseGrants(row.scopes)),
    profileId: row.profile_id,
    ipAllowlist: row.ip_allowlist === null ? null : (JSON.parse(row.ip_allowlist) as string[]),
    expiresAt: isoInstantOrNull(row.expires_at),
    rotation: null,
    lastUsedAt: isoInstantOrNull(use?.last_used_at ?? null),
    lastUsedIp: use?.last_used_ip ?? null,
    lastUsedUserAgent: use?.last_used_user_agent ?? null,
    createdAt: isoInstant(row.created_at),
    createdBy: row.created_by,
    importedAt: isoInstantOrNull(row.imported_at),
    metadata: JSON.parse(row.metadata) as Record<string, unknown>,
  };
  return versioned(apiKey, row.revision);
}
