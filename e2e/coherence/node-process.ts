import type { newFolder, Served } from '../../server/test/serve-process.ts';
import type { Network } from './network.ts';

/** One node of Keywright: a process that is stopped, killed and started again, always at the same address. */
export type NodeProcess = {
  name: string;
  url: string;
  /** Undefined while it is not running. */
  served: () => Served | undefined;
  start: () => Promise<void>;
  signal: (signal: NodeJS.Signals) => void;
  /** Ends it, and waits until it has ended. */
  end: (signal: 'SIGKILL' | 'SIGTERM') => Promise<void>;
};

const mostStarts = 5;

/** @param settings of this node beside those of its place in the network. */
export async function startNode(
  folder: ReturnType<typeof newFolder>,
  network: Network,
  index: number,
  settings: Record<string, string>,
): Promise<NodeProcess> {
  const place = await network.settingsOf(index);
  let served: Served | undefined;
  /** Where the database cannot be reached it ends, and whoever looks after it starts it again. */
  async function start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      served = folder.serve({ ...settings, ...place }, network.enterNode(index));
      try {
        await served.ready;
        return;
      } catch (error) {
        if (attempt === mostStarts) throw error;
      }
    }
  }
  await start();
  return {
    name: `node ${index + 1}`,
    url: `http://${place.KEYWRIGHT_HOST}:${place.KEYWRIGHT_PORT}`,
    served: () => served,
    start,
    signal: (signal) => served?.kill(signal),
    end: async (signal) => {
      served?.kill(signal);
      await served?.ended;
      served = undefined;
    },
  };
}
