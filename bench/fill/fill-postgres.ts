import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import { findPostgres } from '../../scripts/find-postgres.ts';
import { bulkTables } from './bulk-tables.ts';
import type { KeyRows } from './key-rows.ts';

type Index = { indexname: string; indexdef: string };

/**
 * Writes the rows by COPY, a table at a time through psql; the indexes are dropped before and made again after, and the
 * planner's statistics taken, as autovacuum does within a minute.
 */
export async function fillPostgres(url: string, rows: Iterable<KeyRows>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("set maintenance_work_mem = '512MB'");
    const dropped: string[] = [];
    for (const table of bulkTables) {
      const { rows: indexes } = await client.query<Index>(
        `select indexname, indexdef from pg_indexes
         where schemaname = current_schema() and tablename = $1 and indexname not like '%_pkey'`,
        [table.name],
      );
      for (const index of indexes) {
        await client.query(`drop index ${index.indexname}`);
        dropped.push(index.indexdef);
      }
    }
    const constraints = await dropReferences(client);
    await copy(url, rows);
    for (const statement of [...dropped, ...constraints]) await client.query(statement);
    await client.query('vacuum analyze');
    await client.query('checkpoint');
  } finally {
    await client.end();
  }
}

/** Foreign keys would be checked row by row, and would tie the order of the tables; answers how to make them again. */
async function dropReferences(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; relation: string; definition: string }>(
    `select conname as name, conrelid::regclass::text as relation, pg_get_constraintdef(oid) as definition
     from pg_constraint where contype = 'f' and conrelid::regclass::text = any($1)`,
    [bulkTables.map((table) => table.name)],
  );
  for (const { relation, name } of rows)
    await client.query(`alter table ${relation} drop constraint ${name}`);
  return rows.map(
    ({ relation, name, definition }) => `alter table ${relation} add constraint ${name} ${definition}`,
  );
}

async function copy(url: string, rows: Iterable<KeyRows>): Promise<void> {
  const streams = bulkTables.map((table) => ({
    ...table,
    ...openCopy(url, `copy ${table.name} (${table.columns.join(', ')}) from stdin`),
    text: '',
  }));
  const flush = async (stream: (typeof streams)[number]) => {
    const { text } = stream;
    stream.text = '';
    if (!stream.input.write(text)) await once(stream.input, 'drain');
  };
  for (const row of rows) {
    for (const stream of streams) {
      const given = stream.values(row);
      if (given === null) continue;
      stream.text += `${given.map(toCopyText).join('\t')}\n`;
      if (stream.text.length > 1 << 18) await flush(stream);
    }
  }
  for (const stream of streams) {
    await flush(stream);
    stream.input.end();
    await stream.ended;
  }
}

/** PostgreSQL, COPY, "Text Format". */
function toCopyText(value: string | number | null): string {
  if (value === null) return '\\N';
  return typeof value === 'number' ? String(value) : value.replace(/[\\\t\n\r]/g, (found) => `\\${found}`);
}

function openCopy(url: string, statement: string) {
  const folder = findPostgres();
  if (folder === undefined) throw new Error('PostgreSQL is missing.');
  const { username, password, hostname, port, pathname } = new URL(url);
  const child = spawn(join(folder, 'psql'), ['-X', '-q', '-c', statement], {
    stdio: ['pipe', 'ignore', 'inherit'],
    // By the environment: arguments are seen by everybody on the machine.
    env: {
      ...process.env,
      PGHOST: hostname,
      PGPORT: port,
      PGUSER: username,
      PGPASSWORD: decodeURIComponent(password),
      PGDATABASE: pathname.slice(1),
    },
  });
  const ended = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`psql ended with ${code}: ${statement}`);
  });
  return { input: child.stdin, ended };
}
