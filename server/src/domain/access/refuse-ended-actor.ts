import type { Writer } from '../../database/database.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from './actor.ts';

/**
 * Who acts was found before the request's body was read, which a client can send as slowly as it likes. So it is asked again
 * inside the transaction, where the organization's lock orders it after every revocation that has returned: a revoked key
 * cannot leave an API key behind.
 * @throws AppError `unauthenticated`; the message is that of the first refusal.
 */
export async function refuseEndedActor(ctx: Ctx, tx: Writer): Promise<void> {
  const ids = managementKeysOf(ctx.actor);
  if (ids.length === 0) return;
  const living = await tx
    .selectFrom('management_key')
    .select('id')
    .where('id', 'in', ids)
    .where('revoked_at', 'is', null)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', ctx.clock())]))
    .execute();
  if (living.length === ids.length) return;
  throw new AppError('unauthenticated', 'This management key is not known, has expired or was revoked.');
}

/** The key itself, and those that it came from. */
function managementKeysOf(actor: Actor): string[] {
  return actor.type === 'management_key' ? [actor.id, ...managementKeysOf(actor.creator)] : [];
}
