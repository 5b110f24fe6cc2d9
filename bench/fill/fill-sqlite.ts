import { DatabaseSync } from 'node:sqlite';
import { bulkTables } from './bulk-tables.ts';
import type { KeyRows } from './key-rows.ts';

type Index = { name: string; sql: string };

/**
 * Writes the rows into a database that no one else has open. The indexes are dropped before and made again after, in the
 * order in which the migration made them, which is the order that SQLite's planner goes by.
 */
export function fillSqlite(path: string, rows: Iterable<KeyRows>): void {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -262144');
  const indexes = bulkTables.flatMap(
    (table) =>
      database
        .prepare(
          "select name, sql from sqlite_master where type = 'index' and tbl_name = ? and sql is not null order by rowid",
        )
        .all(table.name) as Index[],
  );
  database.exec('BEGIN');
  for (const index of indexes) database.exec(`drop index ${index.name}`);
  const inserts = bulkTables.map((table) => ({
    ...table,
    statement: database.prepare(
      `insert into ${table.name} (${table.columns.join(', ')}) values (${table.columns.map(() => '?').join(', ')})`,
    ),
  }));
  for (const row of rows) {
    for (const { statement, values } of inserts) {
      const given = values(row);
      if (given !== null) statement.run(...given);
    }
  }
  for (const index of indexes) database.exec(index.sql);
  database.exec('COMMIT');
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}
