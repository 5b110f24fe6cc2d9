import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../../scripts/free-port.ts';
import type { Network } from './network.ts';

type Way = 'none' | 'closed' | 'questions lost' | 'answers lost';
type Proxy = { port: number; cut: (way: Way) => void; close: () => Promise<void> };

/** Where no namespaces can be made: each node reaches the database through a proxy of its own, which can be cut. */
export async function makeProxiedNetwork(nodes: number): Promise<Network> {
  const proxies: Proxy[] = [];
  let target: URL | undefined;
  for (let node = 0; node < nodes; node++) proxies.push(await startProxy(() => target));
  const ports = await Promise.all(proxies.map(() => freePort()));
  const cut = (way: Way) => async (node: number) => {
    proxies[node]?.cut(way);
    return async () => proxies[node]?.cut('none');
  };
  return {
    kind: 'processes',
    enterNode: () => [],
    database: undefined,
    databaseUrlAt: (node, url) => {
      target = new URL(url);
      const changed = new URL(url);
      changed.port = String(proxies[node]?.port);
      return changed.href;
    },
    settingsOf: async (node) => ({ KEYWRIGHT_HOST: '127.0.0.1', KEYWRIGHT_PORT: String(ports[node]) }),
    cuts: {
      'link down': cut('closed'),
      'questions lost': cut('questions lost'),
      'answers lost': cut('answers lost'),
    },
    close: async () => {
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}

async function startProxy(target: () => URL | undefined): Promise<Proxy> {
  let way: Way = 'none';
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  };
  const server: Server = createServer((client) => {
    keep(client);
    if (way === 'closed') return void client.destroy();
    const { hostname, port } = target() ?? new URL('tcp://127.0.0.1:1');
    const database = connect({ host: hostname, port: Number(port) });
    keep(database);
    client.on('data', (chunk) => {
      if (way !== 'questions lost') database.write(chunk);
    });
    database.on('data', (chunk) => {
      if (way !== 'answers lost') client.write(chunk);
    });
    client.on('close', () => database.destroy());
    database.on('close', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    cut: (next) => {
      // What was lost in between would be missing in the middle of a conversation: those connections are over.
      if (next === 'closed' || (next === 'none' && way !== 'none')) endAll();
      way = next;
    },
    close: async () => {
      endAll();
      server.close();
      await once(server, 'close');
    },
  };
}
