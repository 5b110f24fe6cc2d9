import type { Services } from '../context.ts';

const piece = 200;

/**
 * Notes on keys whose expiry has passed that it has: the indexes of the list then tell expired keys apart. The status does not
 * depend on it, so there is no audit event and nothing for verifiers to forget. Answers how many were noted, in pieces of
 * 200 until none is left.
 */
export async function noteExpiredKeys({ database, clock }: Services): Promise<number> {
  let noted = 0;
  for (;;) {
    const ids = await database.read
      .selectFrom('api_key')
      .select('id')
      .where('expires_at', '<=', clock())
      .where('expiry_noted_at', 'is', null)
      .where('deleted_at', 'is', null)
      .where('revoked_at', 'is', null)
      .limit(piece)
      .execute();
    if (ids.length === 0) return noted;
    const now = clock();
    await database.write((tx) =>
      tx
        .updateTable('api_key')
        .set({ expiry_noted_at: now })
        .where(
          'id',
          'in',
          ids.map((row) => row.id),
        )
        // Checked again: the expiry may have been moved since it was read.
        .where('expires_at', '<=', now)
        .execute(),
    );
    noted += ids.length;
  }
}
