import type { Writer } from '../../database/database.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { idempotencyLifetimeMs } from './forget-idempotency.ts';

/**
 * The id of what an earlier call with this Idempotency-Key made, or undefined. The caller holds the organization's
 * lock, so a call that is still running is waited for rather than raced.
 * @throws AppError `idempotency_key_reused` where the earlier call said something else.
 */
export async function findReplay(ctx: Ctx, tx: Writer): Promise<string | undefined> {
  if (ctx.idempotency === undefined) return undefined;
  const row = await tx
    .selectFrom('idempotency')
    .select(['request_hash', 'target_id', 'created_at'])
    .where('organization_id', '=', ctx.organizationId)
    .where('actor_id', '=', ctx.actor.id)
    .where('route', '=', ctx.idempotency.route)
    .where('idempotency_key', '=', ctx.idempotency.key)
    .executeTakeFirst();
  // An old one that the job has yet to forget: its row is taken over by the new call.
  if (row === undefined || row.created_at < ctx.clock() - idempotencyLifetimeMs) return undefined;
  if (row.request_hash !== ctx.idempotency.requestHash) {
    throw new AppError(
      'idempotency_key_reused',
      'This Idempotency-Key was used for another request. Use a new one for a new request.',
    );
  }
  return row.target_id;
}

export async function recordIdempotency(ctx: Ctx, tx: Writer, targetId: string): Promise<void> {
  if (ctx.idempotency === undefined) return;
  await tx
    .insertInto('idempotency')
    .values({
      organization_id: ctx.organizationId,
      actor_id: ctx.actor.id,
      route: ctx.idempotency.route,
      idempotency_key: ctx.idempotency.key,
      request_hash: ctx.idempotency.requestHash,
      target_id: targetId,
      created_at: ctx.clock(),
    })
    .onConflict((conflict) =>
      conflict.columns(['organization_id', 'actor_id', 'route', 'idempotency_key']).doUpdateSet((eb) => ({
        request_hash: eb.ref('excluded.request_hash'),
        target_id: eb.ref('excluded.target_id'),
        created_at: eb.ref('excluded.created_at'),
      })),
    )
    .execute();
}
