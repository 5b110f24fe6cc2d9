import { type CompiledQuery, Kysely, PostgresDialect, type PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { UnavailableError } from '../lib/unavailable-error.ts';
import type { Database } from './database.ts';
import type { Tables } from './schema.ts';

// Instants and counters fit a double; text would make every comparison wrong without a word.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** SQLSTATE classes and codes that mean "not now": connection, resources, operator, locks. (PostgreSQL, appendix A) */
const unavailableStates = /^(08|53|57P|58|55P03|25006|25P03|40001|40P01)/;

export type PostgresOptions = { poolSize: number; log: (event: { reason: string }) => void };

/** Opens a pool on PostgreSQL 15 or newer. Nothing connects before the first query. */
export function openPostgres(url: string, options: PostgresOptions): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.poolSize,
    application_name: 'keywright',
    connectionTimeoutMillis: 3_000,
    statement_timeout: 10_000,
    query_timeout: 12_000,
    lock_timeout: 3_000,
    idle_in_transaction_session_timeout: 3_000,
    keepAlive: true,
  });
  // Without a listener, an idle connection that the server ends would end this process.
  pool.on('error', (error) => options.log({ reason: codeOf(error) }));

  const kysely = new Kysely<Tables>({
    dialect: new PostgresDialect({
      pool: {
        connect: async () => translatingClient(await translating(() => pool.connect())),
        end: () => pool.end(),
        options: pool.options,
      },
    }),
  });
  let prepared = 0;
  function prepare<Row>(text: string, rowMode?: 'array') {
    const statement = { name: `kw_${++prepared}`, text, ...(rowMode === undefined ? {} : { rowMode }) };
    return async (parameters: readonly unknown[]) => {
      const answer = await translating(() => pool.query({ ...statement, values: [...parameters] }));
      return answer.rows as Row[];
    };
  }
  return {
    kind: 'postgres',
    read: kysely,
    write: (change) => retryingConflicts(() => kysely.transaction().execute(change)),
    prepare: <Row>(query: CompiledQuery<Row>) => prepare<Row>(query.sql),
    prepareLists: <Row extends readonly unknown[]>(query: CompiledQuery) => prepare<Row>(query.sql, 'array'),
    lockAuditHead: (tx, chain) =>
      tx
        .selectFrom('audit_head')
        .select(['seq', 'hash'])
        .where('chain', '=', chain)
        .forUpdate()
        .executeTakeFirst(),
    close: () => kysely.destroy(),
  };
}

/** Of two transactions that wait for each other PostgreSQL ends one, and nothing of it is left: it is simply done again. */
async function retryingConflicts<Result>(transaction: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction();
    } catch (error) {
      const isConflict = error instanceof UnavailableError && /^(40P01|40001)$/.test(error.reason);
      if (!isConflict || attempt === 3) throw error;
    }
  }
}

function translatingClient(client: pg.PoolClient): PostgresPoolClient {
  const translated = {
    query: (...args: unknown[]) =>
      translating(() => (client.query as (...a: unknown[]) => Promise<never>).apply(client, args)),
    release: (destroy?: boolean) => client.release(destroy),
  };
  return translated as unknown as PostgresPoolClient;
}

async function translating<Result>(action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    const code = codeOf(error);
    if (unavailableStates.test(code) || !/^[0-9A-Z]{5}$/.test(code)) {
      throw new UnavailableError(code, { cause: error });
    }
    throw error;
  }
}

/** The driver's code, or for its own time-outs and broken connections, which carry none, a fixed word. */
function codeOf(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : 'connection_failed';
}
