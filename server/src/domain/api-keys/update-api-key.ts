import { authorize } from '../access/authorize.ts';
import { changed, difference, unchanged } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import { checkRevision } from '../check-revision.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { type Expected, isoInstantOrNull, nameKey } from '../fields.ts';
import { checkKeyLimits } from '../policies/check-key-limits.ts';
import type { Versioned } from '../versioned.ts';
import type { ApiKey } from './api-key.ts';
import type { UpdateApiKeyInput } from './api-key-fields.ts';
import { boundExpiry } from './bound-expiry.ts';
import { checkProfile } from './check-references.ts';
import { type ApiKeyRow, findLivingApiKey, presentStoredApiKey } from './load-api-key.ts';
import { grantScopes, parseGrants } from './scope-grants.ts';

/**
 * Changes what a key is called and may do. A revoked key is final and stays as it is.
 * @throws AppError `forbidden`, `not_found`, `key_is_final`, `precondition_failed`, and those of creation.
 */
export async function updateApiKey(
  ctx: Ctx,
  id: string,
  input: UpdateApiKeyInput & Expected,
): Promise<Committed<Versioned<ApiKey>>> {
  return transact(ctx, 'api_key.updated', async (tx) => {
    const row = await findLivingApiKey(ctx, tx, id);
    authorize(ctx, 'api_keys:update', { teamId: row.team_id, environment: row.environment });
    checkRevision(row.revision, input.expectedRevision);
    if (row.revoked_at !== null) {
      throw new AppError('key_is_final', 'This key was revoked, which is final. Issue a new key instead.');
    }
    const before = fieldsOf(row);
    const held = parseGrants(row.scopes);
    const grants =
      input.scopes === undefined ? held : await grantScopes(ctx, tx, row.application_id, input.scopes, held);
    if (input.profileId !== undefined) await checkProfile(ctx, tx, input.profileId);
    const expiresAt =
      input.expiresAt === undefined
        ? row.expires_at
        : await boundExpiry(ctx, tx, row.environment, row.created_at, input.expiresAt);
    if (isExpired(row, ctx.clock()) && expiresAt !== row.expires_at) {
      // It counts among the living again.
      await checkKeyLimits(
        ctx,
        tx,
        { environment: row.environment, applicationId: row.application_id, teamId: row.team_id },
        1,
      );
    }
    const after = {
      name: input.name ?? before.name,
      scopes: Object.keys(grants),
      profileId: input.profileId === undefined ? before.profileId : input.profileId,
      ipAllowlist: input.ipAllowlist === undefined ? before.ipAllowlist : input.ipAllowlist,
      expiresAt: isoInstantOrNull(expiresAt),
      metadata: input.metadata ?? before.metadata,
    };
    const fields = difference(before, after);
    if (fields === undefined) return unchanged(await presentStoredApiKey(ctx, tx, row));
    const updated = await tx
      .updateTable('api_key')
      .set({
        name: after.name,
        name_key: nameKey(after.name),
        scopes: JSON.stringify(grants),
        profile_id: after.profileId,
        ip_allowlist: after.ipAllowlist === null ? null : JSON.stringify(after.ipAllowlist),
        expires_at: expiresAt,
        expiry_noted_at: expiresAt === row.expires_at ? row.expiry_noted_at : null,
        metadata: JSON.stringify(after.metadata),
        revision: row.revision + 1,
        updated_at: ctx.clock(),
      })
      .where('organization_id', '=', ctx.organizationId)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    return changed(await presentStoredApiKey(ctx, tx, updated), {
      target: { kind: 'api_key', id },
      ...fields,
    });
  });
}

function isExpired(row: ApiKeyRow, now: number): boolean {
  return row.expires_at !== null && row.expires_at <= now;
}

function fieldsOf(row: ApiKeyRow) {
  return {
    name: row.name,
    scopes: Object.keys(parseGrants(row.scopes)),
    profileId: row.profile_id,
    ipAllowlist: row.ip_allowlist === null ? null : (JSON.parse(row.ip_allowlist) as string[]),
    expiresAt: isoInstantOrNull(row.expires_at),
    metadata: JSON.parse(row.metadata) as Record<string, unknown>,
  };
}
