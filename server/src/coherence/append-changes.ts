import type { Database, Writer } from '../database/database.ts';

/**
 * Takes the next number of the change counter and logs under it what changed. Called last in a transaction: the
 * counter's row lock makes commit order and number order the same, and nobody holds it while thinking.
 */
export function appendChanges(
  database: Pick<Database, 'logChanges'>,
  tx: Writer,
  subjects: readonly { kind: string; id: string }[],
  organizationId: string,
  at: number,
): Promise<number> {
  const named = new Map(subjects.map((subject) => [`${subject.kind}/${subject.id}`, subject]));
  return database.logChanges(tx, { subjects: [...named.values()], organizationId, at });
}
