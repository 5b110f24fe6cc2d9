import type { Database } from './database.ts';

/** Reads which pepper new secrets use: the newest that was activated and not retired. */
export function prepareActivePepper(database: Database): () => Promise<number | undefined> {
  const read = database.prepare<{ version: number }>(
    database.read
      .selectFrom('pepper')
      .select('version')
      .where('activated_at', 'is not', null)
      .where('retired_at', 'is', null)
      .orderBy('version', 'desc')
      .compile(),
  );
  return async () => (await read([]))[0]?.version;
}
