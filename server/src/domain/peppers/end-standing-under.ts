import type { EventDetail } from '../audit/change.ts';
import { unchanged } from '../audit/change.ts';
import { transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { revokeManagementKey } from '../management-keys/revoke-management-key.ts';
import { selectStandingApiKeys } from './list-standing-under.ts';

/** How many secrets one transaction ends: others must not wait long. */
const pieceSize = 100;

/**
 * Ends every secret under this pepper, in every organization, with an audit event for each key in its organization's own
 * chain. An API key stays, without this secret; a management key, which has only the one, is revoked. In pieces: what
 * a crash leaves undone is done by calling it again.
 * @returns how many keys were ended.
 */
export async function endStandingUnder(
  ctx: Ctx,
  version: number,
): Promise<{ apiKeys: number; managementKeys: number }> {
  const ended = { apiKeys: 0, managementKeys: 0 };
  for (;;) {
    const next = await selectStandingApiKeys(ctx.database.read, version, ctx.clock())
      .select('api_key.organization_id')
      .limit(1)
      .executeTakeFirst();
    if (next === undefined) break;
    ended.apiKeys += await endSecrets({ ...ctx, organizationId: next.organization_id }, version);
  }
  const managementKeys = await ctx.database.read
    .selectFrom('management_key')
    .select(['id', 'organization_id'])
    .where('pepper_version', '=', version)
    .where('revoked_at', 'is', null)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', ctx.clock())]))
    .execute();
  for (const { id, organization_id: organizationId } of managementKeys) {
    await revokeManagementKey({ ...ctx, organizationId }, id);
    ended.managementKeys += 1;
  }
  return ended;
}

async function endSecrets(ctx: Ctx, version: number): Promise<number> {
  const { result } = await transact(ctx, 'api_key.secret_ended', async (tx) => {
    const standing = await selectStandingApiKeys(tx, version, ctx.clock())
      .select(['secret.id', 'secret.api_key_id', 'secret.masked'])
      .where('api_key.organization_id', '=', ctx.organizationId)
      .orderBy('secret.id')
      .limit(pieceSize)
      .execute();
    const [first, ...others] = standing;
    if (first === undefined) return unchanged(0);
    await tx
      .updateTable('secret')
      .set({ ended_at: ctx.clock() })
      .where('organization_id', '=', ctx.organizationId)
      .where(
        'id',
        'in',
        standing.map((secret) => secret.id),
      )
      .execute();
    const toEvent = (secret: typeof first): EventDetail => ({
      target: { type: 'api_key', id: secret.api_key_id },
      before: null,
      after: { secretId: secret.id, maskedSecret: secret.masked, because: `pepper ${version} is retired` },
    });
    return {
      changed: true,
      result: standing.length,
      events: [toEvent(first), ...others.map(toEvent)],
      subjects: [
        { kind: 'api_key', id: first.api_key_id },
        ...others.map((secret) => ({ kind: 'api_key' as const, id: secret.api_key_id })),
      ],
    };
  });
  return result;
}
