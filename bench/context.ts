import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PostgresCluster, startPostgresCluster } from '../scripts/postgres-cluster.ts';
import { type DatabaseKind, type FilledDatabase, fillDatabase } from './fill/filled-database.ts';
import { type Server, startServer } from './load/start-server.ts';

export type Bench = {
  /** The larger number of keys. */
  keys: number;
  rounds: number;
  folder: string;
  say: (text: string) => void;
  /** The database with so many keys; filled once in a run. */
  database: (kind: DatabaseKind, keys: number) => Promise<FilledDatabase>;
  /** A Node program on the first core, or on any, ended with the run at the latest. */
  start: (args: readonly string[], env?: Record<string, string>, core?: 0 | 'any') => Promise<Server>;
  close: () => Promise<void>;
};

/** Where a run keeps its files, its private PostgreSQL and its servers; `close` leaves nothing of them. */
export function openBench(options: { keys: number; rounds: number }): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'keywright-bench-'));
  const filled = new Map<string, Promise<FilledDatabase>>();
  const servers: Server[] = [];
  let cluster: Promise<PostgresCluster> | undefined;
  const say = (text: string) => console.error(text);

  async function fill(kind: DatabaseKind, keys: number): Promise<FilledDatabase> {
    // Durable as it comes; only the room that a server of some size would be given.
    if (kind === 'postgres') cluster ??= startPostgresCluster({ shared_buffers: '1GB', max_wal_size: '4GB' });
    const made = await fillDatabase(kind, keys, { folder, postgresUrl: (await cluster)?.url });
    say(`${kind}: filled with ${keys} keys in ${made.seconds.toFixed(1)} s`);
    return made;
  }

  return {
    ...options,
    folder,
    say,
    database: (kind, keys) => {
      const name = `${kind} ${keys}`;
      const made = filled.get(name) ?? fill(kind, keys);
      filled.set(name, made);
      return made;
    },
    start: async (args, env, core) => {
      const server = await startServer(args, env, core);
      servers.push(server);
      return server;
    },
    close: async () => {
      for (const server of servers) await server.stop();
      await (await cluster)?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
