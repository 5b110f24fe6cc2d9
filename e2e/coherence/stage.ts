import { startPostgresCluster } from '../../scripts/postgres-cluster.ts';
import { newFolder } from '../../server/test/serve-process.ts';
import { type Fault, processFaults, twoAtOnce } from './faults.ts';
import { databaseUrlAtDriver, makeNamespacedNetwork } from './namespaced-network.ts';
import type { Network } from './network.ts';
import { type NodeProcess, startNode } from './node-process.ts';
import { postgresFaults } from './postgres-faults.ts';
import { makeProxiedNetwork } from './proxied-network.ts';
import { sqliteFaults } from './sqlite-faults.ts';
import { workerFaults } from './worker-faults.ts';

export type StageOptions = {
  database: 'postgres' | 'sqlite';
  nodes: number;
  /** Whether the driver runs in a network namespace of its own and may make others. */
  namespaces: boolean;
  leaseSeconds: number;
  settings: Record<string, string>;
};

/** The nodes on their database, and what can be done to them. */
export type Stage = {
  network: Network['kind'];
  folder: ReturnType<typeof newFolder>;
  nodes: readonly NodeProcess[];
  adminKey: string;
  organizationId: string;
  faults: Readonly<Record<string, Fault>>;
  /** PostgreSQL's `fast` restart. */
  restartDatabase: () => Promise<void>;
  close: () => Promise<void>;
};

/**
 * @param options.ends gets what ends all that was started, from the first step on, for as long as there is anything
 * @throws Error; what was started is ended before.
 */
export async function openStage(
  options: StageOptions & { random: () => number; ends: Set<() => Promise<void>> },
): Promise<Stage> {
  const closers: (() => Promise<unknown>)[] = [];
  const closeAll = async () => {
    for (const end of closers.splice(0).reverse()) await end();
    options.ends.delete(close);
  };
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= closeAll();
    return closing;
  };
  options.ends.add(close);
  try {
    return { ...(await open(options, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  options: StageOptions & { random: () => number },
  closers: (() => Promise<unknown>)[],
): Promise<Omit<Stage, 'close'>> {
  const lease = options.leaseSeconds * 1_000;
  const network = await (options.namespaces && options.database === 'postgres'
    ? makeNamespacedNetwork(options.nodes)
    : makeProxiedNetwork(options.nodes));
  closers.push(network.close);
  const starting = options.database === 'postgres' ? startPostgresCluster({}, network.database) : undefined;
  closers.push(async () => (await starting)?.stop());
  const cluster = await starting;
  const url = cluster && (network.database ? databaseUrlAtDriver(cluster.url) : cluster.url);
  const folder = newFolder(url);
  closers.push(folder.remove);
  const admin = await folder.makeAdmin();

  const settingsAt = (index: number) => ({
    KEYWRIGHT_WORKERS: '1',
    KEYWRIGHT_LEASE_SECONDS: String(options.leaseSeconds),
    KEYWRIGHT_LOG_LEVEL: 'warn',
    ...options.settings,
    ...(url === undefined ? {} : { KEYWRIGHT_DATABASE_URL: network.databaseUrlAt(index, url) }),
  });
  const nodes = await Promise.all(
    Array.from({ length: options.nodes }, (_, index) => startNode(folder, network, index, settingsAt(index))),
  );
  const ofDatabase =
    cluster && url
      ? postgresFaults(network, { cluster, url, lease })
      : sqliteFaults({ folder: folder.folder, lease });
  const alone = { ...processFaults(nodes, lease), ...ofDatabase };
  const { random } = options;
  return {
    network: network.kind,
    folder,
    nodes,
    ...admin,
    restartDatabase: async () => {
      if (cluster === undefined) throw new Error('SQLite has no server that could be restarted.');
      await cluster.restart();
    },
    faults: {
      ...alone,
      ...workerFaults(nodes, { lease, random }),
      'two at once': twoAtOnce(alone, { nodes: nodes.length, lease, random }),
    },
  };
}
