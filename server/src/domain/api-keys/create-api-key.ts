import { authorize } from '../access/authorize.ts';
import { changed } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { isoInstantOrNull, nameKey } from '../fields.ts';
import { checkKeyLimits } from '../policies/check-key-limits.ts';
import { type ApiKey, presentApiKey } from './api-key.ts';
import type { CreateApiKeyInput } from './api-key-fields.ts';
import { boundExpiry } from './bound-expiry.ts';
import { checkProfile, findApplicationOfKey } from './check-references.ts';
import { findLivingApiKey, presentStoredApiKey } from './load-api-key.ts';
import { makeSecret } from './make-secret.ts';
import { grantScopes } from './scope-grants.ts';

/** The secret in clear stands here once; a replay of the same call has null. */
export type IssuedApiKey = { apiKey: ApiKey; secret: string | null };

/**
 * Issues an API key for an application.
 * @throws AppError `forbidden`, `invalid_request`, `scope_not_connected`, `policy_violation`, `key_limit_reached`.
 */
export async function createApiKey(ctx: Ctx, input: CreateApiKeyInput): Promise<Committed<IssuedApiKey>> {
  return transact<IssuedApiKey>(
    ctx,
    'api_key.created',
    async (tx) => {
      const application = await findApplicationOfKey(ctx, tx, input.applicationId);
      authorize(ctx, 'api_keys:create', { teamId: application.team_id, environment: input.environment });
      const grants = await grantScopes(ctx, tx, input.applicationId, input.scopes);
      await checkProfile(ctx, tx, input.profileId ?? null);
      const now = ctx.clock();
      const expiresAt = await boundExpiry(ctx, tx, input.environment, now, input.expiresAt);
      await checkKeyLimits(ctx, tx, { ...input, teamId: application.team_id }, 1);

      const row = {
        id: ctx.newId('key'),
        organization_id: ctx.organizationId,
        application_id: input.applicationId,
        name: input.name,
        name_key: nameKey(input.name),
        environment: input.environment,
        scopes: JSON.stringify(grants),
        profile_id: input.profileId ?? null,
        ip_allowlist: input.ipAllowlist == null ? null : JSON.stringify(input.ipAllowlist),
        metadata: JSON.stringify(input.metadata ?? {}),
        expires_at: expiresAt,
        expiry_noted_at: null,
        disabled_at: null,
        revoked_at: null,
        deleted_at: null,
        imported_at: null,
        revision: 1,
        created_at: now,
        created_by: ctx.actor.id,
        updated_at: now,
      };
      const { secret, row: secretRow } = await makeSecret(ctx, tx, row);
      await tx.insertInto('api_key').values(row).execute();
      await tx.insertInto('secret').values(secretRow).execute();
      const { value: apiKey } = presentApiKey(row, secretRow, undefined, now);
      return changed(
        { apiKey, secret },
        {
          target: { kind: 'api_key', id: row.id },
          before: null,
          after: {
            name: row.name,
            applicationId: row.application_id,
            environment: row.environment,
            scopes: input.scopes,
            profileId: row.profile_id,
            ipAllowlist: input.ipAllowlist ?? null,
            expiresAt: isoInstantOrNull(expiresAt),
            maskedSecret: secretRow.masked,
          },
        },
      );
    },
    {
      replay: async (tx, id) => {
        const row = await findLivingApiKey(ctx, tx, id);
        authorize(ctx, 'api_keys:create', { teamId: row.team_id, environment: row.environment });
        return { apiKey: (await presentStoredApiKey(ctx, tx, row)).value, secret: null };
      },
    },
  );
}
