import type { Writer } from '../../database/database.ts';
import { pepperedHash, pepperedHashes } from '../../lib/peppers.ts';
import { authorize } from '../access/authorize.ts';
import type { EventDetail } from '../audit/change.ts';
import type { Ctx } from '../context.ts';
import { isoInstantOrNull, nameKey } from '../fields.ts';
import { activePepperVersion } from '../peppers/active-pepper-version.ts';
import { checkKeyLimits } from '../policies/check-key-limits.ts';
import { boundExpiry } from './bound-expiry.ts';
import { findApplicationOfKey } from './check-references.ts';
import type { ForeignSecret } from './foreign-secret.ts';
import type { ImportRow } from './import-api-keys-input.ts';
import { grantScopes } from './scope-grants.ts';

/** `event` is undefined where the key is there already; a deleted one is found too, and cannot come back. */
export type KeyImporter = (
  row: ImportRow,
  foreign: ForeignSecret,
) => Promise<{ apiKeyId: string; event: EventDetail | undefined }>;

/**
 * Makes the function that takes over the keys of one piece, within its transaction. What many rows ask alike (their
 * application, its scopes, whether a key is there already) is asked once: the organization's lock keeps the answer true.
 * The function throws an AppError for a row that cannot be taken.
 */
export async function createKeyImporter(
  ctx: Ctx,
  tx: Writer,
  secrets: readonly ForeignSecret[],
): Promise<KeyImporter> {
  const pepperVersion = await activePepperVersion(ctx, tx);
  const present = await findPresent(ctx, tx, secrets);
  const answers = new Map<string, Promise<unknown>>();
  function once<Answer>(question: string, ask: () => Promise<Answer>): Promise<Answer> {
    const answer = answers.get(question) ?? ask();
    answers.set(question, answer);
    return answer as Promise<Answer>;
  }

  return async (input, foreign) => {
    const digest = foreign.digest;
    const known = present.get(digest);
    if (known !== undefined) return { apiKeyId: known, event: undefined };

    const application = await once(`application ${input.applicationId}`, () =>
      findApplicationOfKey(ctx, tx, input.applicationId),
    );
    authorize(ctx, 'api_keys:import', { teamId: application.team_id, environment: input.environment });
    const grants = await once(`scopes ${input.applicationId} ${JSON.stringify(input.scopes)}`, () =>
      grantScopes(ctx, tx, input.applicationId, input.scopes),
    );
    const now = ctx.clock();
    const expiresAt = await boundExpiry(ctx, tx, input.environment, now, input.expiresAt);
    await checkKeyLimits(ctx, tx, { ...input, teamId: application.team_id }, 1);

    const id = ctx.newId('key');
    await tx
      .insertInto('api_key')
      .values({
        id,
        organization_id: ctx.organizationId,
        application_id: input.applicationId,
        name: input.name,
        name_key: nameKey(input.name),
        environment: input.environment,
        scopes: JSON.stringify(grants),
        profile_id: null,
        ip_allowlist: null,
        metadata: '{}',
        expires_at: expiresAt,
        expiry_noted_at: null,
        disabled_at: null,
        revoked_at: null,
        deleted_at: null,
        imported_at: now,
        revision: 1,
        created_at: now,
        created_by: ctx.actor.id,
        updated_at: now,
      })
      .execute();
    await tx
      .insertInto('secret')
      .values({
        id: ctx.newId('sec'),
        organization_id: ctx.organizationId,
        api_key_id: id,
        hash: pepperedHash(ctx.peppers, pepperVersion, foreign.digest, ctx.organizationId),
        pepper_version: pepperVersion,
        masked: foreign.masked,
        last_four: foreign.lastFour,
        created_at: now,
        ends_at: null,
        ended_at: null,
      })
      .execute();
    present.set(digest, id);
    const after = {
      name: input.name,
      applicationId: input.applicationId,
      environment: input.environment,
      scopes: input.scopes,
      expiresAt: isoInstantOrNull(expiresAt),
      maskedSecret: foreign.masked,
    };
    return { apiKeyId: id, event: { target: { type: 'api_key', id }, before: null, after } };
  };
}

/** The keys that are there already, by the digest of their secret; under any pepper, since peppers change and keys stay. */
async function findPresent(
  ctx: Ctx,
  tx: Writer,
  secrets: readonly ForeignSecret[],
): Promise<Map<string, string>> {
  const digestOfHash = new Map(
    secrets.flatMap(({ digest }) =>
      pepperedHashes(ctx.peppers, digest, ctx.organizationId).map((hash) => [hash, digest] as const),
    ),
  );
  const rows = await tx
    .selectFrom('secret')
    .select(['hash', 'api_key_id'])
    .where('hash', 'in', [...digestOfHash.keys()])
    .execute();
  return new Map(rows.map((row) => [digestOfHash.get(row.hash) ?? '', row.api_key_id]));
}
