import { sql } from 'kysely';
import { inChunks } from '../lib/in-chunks.ts';
import type { Database, Writer } from './database.ts';

/** What one change concerned; each named once. */
export type ToLog = {
  subjects: readonly { kind: string; id: string }[];
  organizationId: string;
  /** Epoch milliseconds. */
  at: number;
};

/**
 * On PostgreSQL in one statement: from taking the counter's lock to the commit, which gives it back, nothing but the commit
 * has to come from afar.
 */
export const logOnPostgres: Database['logChanges'] = async (tx, { subjects, organizationId, at }) => {
  const { rows } = await sql<{ seq: number }>`
    with counter as (update change_counter set seq = seq + 1 where id = 1 returning seq),
    logged as (
      insert into change_log (seq, kind, subject, organization_id, at)
      select counter.seq, named.kind, named.subject, ${organizationId}, ${at}
      from counter, unnest(${subjects.map(({ kind }) => kind)}::text[], ${subjects.map(({ id }) => id)}::text[])
        as named (kind, subject))
    select seq from counter`.execute(tx);
  const [taken] = rows;
  if (taken === undefined) throw new Error('The change counter is missing.');
  return taken.seq;
};

export const logOnSqlite: Database['logChanges'] = async (tx, { subjects, organizationId, at }) => {
  const { seq } = await takeNumber(tx);
  const rows = subjects.map(({ kind, id }) => ({
    seq,
    kind,
    subject: id,
    organization_id: organizationId,
    at,
  }));
  // An API can be connected to more applications than one statement has room for.
  for (const chunk of inChunks(rows, 1_000)) await tx.insertInto('change_log').values(chunk).execute();
  return seq;
};

function takeNumber(tx: Writer): Promise<{ seq: number }> {
  return tx
    .updateTable('change_counter')
    .set((eb) => ({ seq: eb('seq', '+', 1) }))
    .where('id', '=', 1)
    .returning('seq')
    .executeTakeFirstOrThrow();
}
