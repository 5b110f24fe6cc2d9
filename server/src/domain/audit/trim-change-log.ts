import type { Services } from '../context.ts';

/** Kept in any case: a worker on SQLite that was stopped for less goes on with what it has. */
const keptMs = 6 * 3_600_000;
const piece = 200;

/**
 * Forgets rows of the change log that are older than some hours and that every verifier with a lease has applied, in
 * pieces. The floor is raised before the rows go: who stands below it keeps nothing, and reads on from there.
 * Answers how many numbers were forgotten.
 */
export async function trimChangeLog({ database, clock }: Services): Promise<number> {
  let forgotten = 0;
  for (;;) {
    const before = clock() - keptMs;
    const { seq, trimmed_to: floor } = await database.read
      .selectFrom('change_counter')
      .select(['seq', 'trimmed_to'])
      .where('id', '=', 1)
      .executeTakeFirstOrThrow();
    const { applied } = await database.read
      .selectFrom('verifier_lease')
      .select((eb) => eb.fn.min('applied_seq').as('applied'))
      .where('stale_until', 'is', null)
      .executeTakeFirstOrThrow();
    const most = Math.min(floor + piece, seq, applied === null ? seq : Number(applied));
    const kept = await database.read
      .selectFrom('change_log')
      .select((eb) => eb.fn.min('seq').as('seq'))
      .where('seq', '>', floor)
      .where('seq', '<=', most)
      .where('at', '>=', before)
      .executeTakeFirstOrThrow();
    const upTo = kept.seq === null ? most : Number(kept.seq) - 1;
    if (upTo <= floor) return forgotten;
    await database.write((tx) =>
      tx
        .updateTable('change_counter')
        .set({ trimmed_to: upTo })
        .where('id', '=', 1)
        .where('trimmed_to', '<', upTo)
        .execute(),
    );
    await database.write((tx) => tx.deleteFrom('change_log').where('seq', '<=', upTo).execute());
    forgotten += upTo - floor;
  }
}
