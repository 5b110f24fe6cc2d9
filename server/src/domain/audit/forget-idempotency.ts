import type { Services } from '../context.ts';

/** How long a repeated Idempotency-Key is recognised: a day. */
export const idempotencyLifetimeMs = 86_400_000;
const piece = 200;

/** Forgets Idempotency-Keys that are older than a day, in pieces. Answers how many. */
export async function forgetIdempotency({ database, clock }: Services): Promise<number> {
  let forgotten = 0;
  for (;;) {
    const before = clock() - idempotencyLifetimeMs;
    const old = await database.read
      .selectFrom('idempotency')
      .select(['organization_id', 'actor_id', 'route', 'idempotency_key'])
      .where('created_at', '<', before)
      .orderBy('created_at')
      .limit(piece)
      .execute();
    if (old.length === 0) return forgotten;
    await database.write(async (tx) => {
      for (const row of old) {
        await tx
          .deleteFrom('idempotency')
          .where('organization_id', '=', row.organization_id)
          .where('actor_id', '=', row.actor_id)
          .where('route', '=', row.route)
          .where('idempotency_key', '=', row.idempotency_key)
          .where('created_at', '<', before)
          .execute();
      }
    });
    forgotten += old.length;
  }
}
