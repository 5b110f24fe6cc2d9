import type { Writer } from '../database/database.ts';
import { inChunks } from '../lib/in-chunks.ts';

/**
 * Takes the next number of the change counter and logs under it what changed. Called last in a transaction: the
 * counter's row lock makes commit order and number order the same, and nobody holds it while thinking.
 */
export async function appendChanges(
  tx: Writer,
  subjects: readonly { kind: string; id: string }[],
  organizationId: string,
  at: number,
): Promise<number> {
  const { seq } = await tx
    .updateTable('change_counter')
    .set((eb) => ({ seq: eb('seq', '+', 1) }))
    .where('id', '=', 1)
    .returning('seq')
    .executeTakeFirstOrThrow();
  const named = new Map(subjects.map((subject) => [`${subject.kind}/${subject.id}`, subject]));
  const rows = [...named.values()].map(({ kind, id }) => ({
    seq,
    kind,
    subject: id,
    organization_id: organizationId,
    at,
  }));
  // An API can be connected to more applications than one statement has room for.
  for (const chunk of inChunks(rows, 1_000)) await tx.insertInto('change_log').values(chunk).execute();
  return seq;
}
