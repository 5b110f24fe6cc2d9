import { type AliasedExpression, sql } from 'kysely';
import type { Database } from './database.ts';
import type { Tables } from './schema.ts';

/**
 * A table, to be read by this index. SQLite keeps no statistics that know how unevenly keys are spread, and is told; it
 * fails where the index cannot serve the query. PostgreSQL has statistics, and is not. (sqlite.org/lang_indexedby.html)
 */
export function byIndex<Table extends keyof Tables & string>(
  database: Pick<Database, 'kind'>,
  table: Table,
  index: string,
): AliasedExpression<Tables[Table], Table> {
  const hint = database.kind === 'sqlite' ? sql` indexed by ${sql.ref(index)}` : sql``;
  return sql<Tables[Table]>`${sql.table(table)}`.as<Table>(sql`${sql.ref(table)}${hint}`);
}
