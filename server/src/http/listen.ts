import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Listening = { url: string; close: () => Promise<void> };

/**
 * Listens, with limits on what a slow or hostile client can hold: 16 kB of headers in 10 s, a request in 60 s. `close`
 * takes no new connections, lets what runs finish, and ends idle ones.
 * @throws Error that says which address is taken or may not be used.
 */
export async function listen(
  listener: RequestListener,
  at: { host: string; port: number },
): Promise<Listening> {
  const server = createServer(
    {
      maxHeaderSize: 16_384,
      headersTimeout: 10_000,
      requestTimeout: 60_000,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: 2_000,
    },
    listener,
  );
  // Node would drop what comes after 2,000 headers without a word, a second copy of a credential too; 16 kB bound them already.
  server.maxHeadersCount = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new Error(`Cannot listen on ${at.host}:${at.port}: ${error.code ?? error.message}.`));
    });
    server.listen(at.port, at.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = at.host.includes(':') ? `[${at.host}]` : at.host;
  return {
    url: `http://${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}
