import type { Services } from '../context.ts';

/** What every decision stands on. `hasActivePepper` is null where the database does not answer. */
export type Footing = { databaseAnswers: boolean; hasActivePepper: boolean | null };

/** Whether the database answers, and whether this process holds the pepper that new secrets use. Never throws. */
export async function checkFooting({
  database,
  peppers,
}: Pick<Services, 'database' | 'peppers'>): Promise<Footing> {
  try {
    const active = await database.read
      .selectFrom('pepper')
      .select((eb) => eb.fn.max('version').as('version'))
      .where('activated_at', 'is not', null)
      .where('retired_at', 'is', null)
      .executeTakeFirst();
    return { databaseAnswers: true, hasActivePepper: peppers.has(Number(active?.version)) };
  } catch {
    return { databaseAnswers: false, hasActivePepper: null };
  }
}
