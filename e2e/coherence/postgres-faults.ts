import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { PostgresCluster } from '../../scripts/postgres-cluster.ts';
import type { Fault } from './faults.ts';
import type { Network } from './network.ts';

/** Faults between the nodes and PostgreSQL. `url`: as the driver reaches it. */
export function postgresFaults(
  network: Network,
  { cluster, url, lease }: { cluster: PostgresCluster; url: string; lease: number },
): Record<string, Fault> {
  const cuts = Object.entries(network.cuts).map(([way, begin]): [string, Fault] => [
    `cut off: ${way}`,
    { strikes: 'one node', held: [lease / 5, lease * 3], begin },
  ]);
  return {
    ...Object.fromEntries(cuts),
    'wake-ups: connections ended': {
      strikes: 'none',
      held: [lease, lease * 3],
      begin: async () => {
        await findListeners(url);
        let isOver = false;
        const ending = (async () => {
          while (!isOver) {
            await ask(url, `select pg_terminate_backend(pid) from (${listeners}) as listening`);
            await pause(20);
          }
        })();
        return async () => {
          isOver = true;
          await ending;
        };
      },
    },
    'wake-ups: silence': {
      strikes: 'none',
      held: [lease, lease * 3],
      begin: async () => {
        // Its own processes: the cluster was started here.
        const pids = await findListeners(url);
        for (const pid of pids) process.kill(pid, 'SIGSTOP');
        return async () => {
          for (const pid of pids) process.kill(pid, 'SIGCONT');
        };
      },
    },
    'database restarted': {
      strikes: 'every node',
      held: [0, 100],
      // After each a change waits for a lease: whoever held one from before is not known.
      rest: [lease, lease * 4],
      begin: async () => {
        await cluster.restart();
        return async () => {};
      },
    },
  };
}

/** The connections on which nodes wait for wake-ups; nothing else is asked on them. */
const listeners = "select pid from pg_stat_activity where application_name = 'keywright listens'";

/** @throws Error where there are none for seconds: then there is nothing to cut, and the fault would be none. */
async function findListeners(url: string): Promise<number[]> {
  for (const started = performance.now(); performance.now() - started < 10_000; await pause(50)) {
    const rows = await ask<{ pid: number }>(url, listeners);
    if (rows.length > 0) return rows.map((row) => row.pid);
  }
  throw new Error('Nobody listens for wake-ups.');
}

async function ask<Row extends pg.QueryResultRow>(url: string, statement: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'coherence test' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}
