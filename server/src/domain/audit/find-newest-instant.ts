import type { Reader } from '../../database/database.ts';

/** When the newest audit event of all chains was written, by the clock of whoever wrote it; null: there is none. */
export async function findNewestInstant(reader: Reader): Promise<number | null> {
  const { newest } = await reader
    .selectFrom('audit_head')
    .select((eb) =>
      eb.fn
        .max<number | null>(
          eb
            .selectFrom('audit_event')
            .select((inner) => inner.fn.max('at').as('at'))
            .whereRef('audit_event.chain', '=', 'audit_head.chain'),
        )
        .as('newest'),
    )
    .executeTakeFirstOrThrow();
  return newest;
}
