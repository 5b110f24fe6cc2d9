import { type CompiledQuery, Kysely, PostgresDialect, type PostgresPoolClient, sql } from 'kysely';
import pg from 'pg';
import type { Timing } from '../lib/timing.ts';
import { UnavailableError } from '../lib/unavailable-error.ts';
import type { LeaseSettings } from './coordination.ts';
import type { Database } from './database.ts';
import { keepConnection, type Statement } from './kept-connection.ts';
import { logOnPostgres } from './log-changes.ts';
import { createPostgresLeases } from './postgres-leases.ts';
import { createWakeUps } from './postgres-wake-ups.ts';
import type { Tables } from './schema.ts';
import { codeOf, isFromServer, translating } from './translate-postgres-error.ts';

// Instants and counters fit a double; text would make every comparison wrong without a word.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export type PostgresOptions = {
  poolSize: number;
  log: (event: { reason: string }) => void;
  settings: LeaseSettings;
  timing: Timing;
  /** For who only looks at the server, as the doctor does. Everybody else must not read what a standby does not know yet. */
  mayBeStandby?: true;
};

/** Opens a pool on PostgreSQL 15 or newer. Nothing connects before the first query. */
export function openPostgres(url: string, options: PostgresOptions): Database {
  // Writers wait for each other's locks. Of one pool they would take every connection, and no verification would get one.
  const readers = openPool(url, { ...options, poolSize: Math.ceil(options.poolSize / 2) }, 5_000);
  const writers = openPool(url, { ...options, poolSize: Math.floor(options.poolSize / 2) }, 10_000);
  const read = createKysely(readers);
  const write = createKysely(writers);
  const { settings, timing } = options;
  const kept = keepConnection(url, Math.min(settings.leaseMs, Math.max(500, settings.leaseMs / 2)));
  const ask = async <Row>(statement: Statement, values: readonly unknown[] = []) =>
    (await translating(() => readers.query({ ...statement, values: [...values] }))).rows as Row[];
  const ours = new Set<number>();
  readers.on('connect', (client) => ours.add(processIdOf(client)));
  readers.on('remove', (client) => ours.delete(processIdOf(client)));
  const wakeUps = createWakeUps({
    url,
    send: (text) => ask({ text }),
    isOurs: (processId) => ours.has(processId),
    log: ({ reason }) => options.log({ reason: `notifications ${reason}` }),
  });
  let prepared = 0;
  function prepare<Row>(text: string, rowMode?: 'array') {
    const statement = { name: `kw_${++prepared}`, text, ...(rowMode === undefined ? {} : { rowMode }) };
    return async (parameters: readonly unknown[]) => {
      const answer = await translating(() => readers.query({ ...statement, values: [...parameters] }));
      return answer.rows as Row[];
    };
  }
  return {
    kind: 'postgres',
    read,
    write: (change) => retryingConflicts(() => write.transaction().execute(change)),
    writeRelaxed: (change) =>
      retryingConflicts(() =>
        write.transaction().execute(async (tx) => {
          await sql`set local synchronous_commit = off`.execute(tx);
          return change(tx);
        }),
      ),
    prepare: <Row>(query: CompiledQuery<Row>) => prepare<Row>(query.sql),
    prepareLists: <Row extends readonly unknown[]>(query: CompiledQuery) => prepare<Row>(query.sql, 'array'),
    lockAuditHead: (tx, chain) =>
      tx
        .selectFrom('audit_head')
        .select(['seq', 'hash'])
        .where('chain', '=', chain)
        .forUpdate()
        .executeTakeFirst(),
    logChanges: logOnPostgres,
    changes: undefined,
    leases: { table: createPostgresLeases(kept, ask, wakeUps), settings, timing },
    close: async () => {
      await kept.close();
      // Kysely does not end the pool of which it never had a connection.
      await Promise.all([read.destroy(), write.destroy()]);
      await Promise.all([readers, writers].map((pool) => (pool.ending ? undefined : pool.end())));
    },
  };
}

/** `patience`: milliseconds that a statement may take. A server that answers nothing at all is given up a second later. */
function openPool(
  url: string,
  { poolSize, log, settings, mayBeStandby }: PostgresOptions,
  patience: number,
): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    application_name: 'keywright',
    connectionTimeoutMillis: 3_000,
    statement_timeout: patience,
    query_timeout: patience + 1_000,
    // Who waits for a row waits twice: for its turn, and for the row. Both at most a lease: so long can a writer that was
    // stopped in the middle, with the change counter in its hands, hold others up.
    lock_timeout: Math.min(2_000, settings.leaseMs),
    idle_in_transaction_session_timeout: Math.min(3_000, settings.leaseMs),
    keepAlive: true,
    ...(mayBeStandby ? {} : { verify: refuseStandby }),
  });
  // Without a listener, a connection that the server ends would end this process: the pool's own listens to idle ones only.
  pool.on('error', (error) => log({ reason: codeOf(error) }));
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** The server's process that answers this connection. The driver has it, and its types do not. */
function processIdOf(client: pg.PoolClient): number {
  return Number((client as { processID?: number | null }).processID);
}

/** Once for a connection: a standby may become the primary, but no primary a standby without ending its connections. */
function refuseStandby(client: pg.PoolClient, done: (error?: Error) => void): void {
  client.query<{ standby: boolean }>('select pg_is_in_recovery() as standby').then(({ rows }) => {
    if (rows[0]?.standby === false) done();
    else done(Object.assign(new Error('This is a standby.'), { code: 'in_recovery' }));
  }, done);
}

function createKysely(pool: pg.Pool): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: new PostgresDialect({
      pool: {
        connect: async () => translatingClient(await translating(() => pool.connect())),
        end: () => pool.end(),
        options: pool.options,
      },
    }),
  });
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

/** A connection that broke, or on which an answer never came, is not asked again, and goes back to no one. */
function translatingClient(client: pg.PoolClient): PostgresPoolClient {
  let broken: UnavailableError | undefined;
  const translated = {
    query: async (...args: unknown[]) => {
      if (broken !== undefined) throw broken;
      try {
        return await translating(() =>
          (client.query as (...a: unknown[]) => Promise<never>).apply(client, args),
        );
      } catch (error) {
        if (error instanceof UnavailableError && !isFromServer(error.cause)) broken = error;
        throw error;
      }
    },
    release: (destroy?: boolean) => client.release(destroy === true || broken !== undefined),
  };
  return translated as unknown as PostgresPoolClient;
}
