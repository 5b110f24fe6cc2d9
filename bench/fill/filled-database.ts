import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { openServices } from '../../server/src/app.ts';
import { type Config, readConfig } from '../../server/src/config.ts';
import { statusOf } from '../../server/src/domain/api-keys/api-key-status.ts';
import { createLog } from '../../server/src/lib/create-log.ts';
import { createSeededRandom } from '../seeded-random.ts';
import { fillPostgres } from './fill-postgres.ts';
import { fillSqlite } from './fill-sqlite.ts';
import { type KeyRows, keyRows } from './key-rows.ts';
import { makeSurroundings, type Surroundings } from './surroundings.ts';

export type DatabaseKind = 'sqlite' | 'postgres';

export type Passing = { secret: string; environment: string };
export type Sample = KeyRows['apiKey'] & { status: ReturnType<typeof statusOf>; lastFour: string };

export type FilledDatabase = Surroundings & {
  kind: DatabaseKind;
  keys: number;
  /** What `keywright serve` is started with. */
  environment: Record<string, string>;
  config: Config;
  /** Of every key that passes. */
  passing: readonly Passing[];
  /** Some of the rows, drawn evenly. */
  samples: readonly Sample[];
  seconds: number;
};

/** Makes a database with `keys` API keys in `folder`, or on the PostgreSQL at `postgresUrl`. */
export async function fillDatabase(
  kind: DatabaseKind,
  keys: number,
  at: { folder: string; postgresUrl: string | undefined },
): Promise<FilledDatabase> {
  const started = performance.now();
  const dataDir = join(at.folder, `${kind}-${keys}`);
  mkdirSync(dataDir, { recursive: true });
  const url = kind === 'postgres' ? await createDatabase(at.postgresUrl, `keys_${keys}`) : undefined;
  const environment = {
    KEYWRIGHT_PORT: '0',
    KEYWRIGHT_GATEWAY_PORT: '0',
    KEYWRIGHT_DATA_DIR: dataDir,
    KEYWRIGHT_LOG_LEVEL: 'warn',
    ...(url === undefined ? {} : { KEYWRIGHT_DATABASE_URL: url }),
  };
  const config = readConfig(environment, () => undefined);
  const services = await openServices(config, { log: createLog('warn') });
  const surroundings = await makeSurroundings(services, keys);
  await services.close();

  const passing: Passing[] = [];
  const samples: Sample[] = [];
  const now = services.clock();
  const every = Math.max(1, Math.floor(keys / 5_000));
  const rows = watch(
    keyRows(keys, surroundings, {
      peppers: services.peppers,
      now,
      random: createSeededRandom(`keywright ${keys}`),
    }),
    (row, index) => {
      const status = statusOf(row.apiKey, now);
      if (status === 'active') passing.push({ secret: row.plainSecret, environment: row.apiKey.environment });
      if (index % every === 0 && row.apiKey.deleted_at === null)
        samples.push({ ...row.apiKey, status, lastFour: row.secret.last_four });
    },
  );
  if (url === undefined) fillSqlite(join(dataDir, 'keywright.db'), rows);
  else await fillPostgres(url, rows);
  const seconds = (performance.now() - started) / 1_000;
  return { ...surroundings, kind, keys, environment, config, passing, samples, seconds };
}

function* watch<Item>(items: Iterable<Item>, see: (item: Item, index: number) => void): Generator<Item> {
  let index = 0;
  for (const item of items) {
    see(item, index++);
    yield item;
  }
}

async function createDatabase(base: string | undefined, name: string): Promise<string> {
  if (base === undefined) throw new Error('No PostgreSQL was started.');
  const unique = `${name}_${randomBytes(4).toString('hex')}`;
  const client = new pg.Client({ connectionString: base });
  await client.connect();
  await client.query(`create database ${unique}`);
  await client.end();
  const url = new URL(base);
  url.pathname = `/${unique}`;
  return url.href;
}
