import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { NewId } from '../lib/ids.ts';
import { bind, type ListenAddress } from './bind.ts';
import {
  draining,
  expectationFailed,
  malformed,
  refusalOf,
  refuseConnection,
  refuseRequest,
} from './refuse-connection.ts';

export type Listening = { url: string; close: () => Promise<void> };

/** How long, in milliseconds, a client can hold what it holds. */
export type ConnectionLimits = {
  headers: number;
  request: number;
  /** Between two requests of one connection. */
  idle: number;
  checkEvery: number;
  /** How long running requests may go on once `close` was called. */
  drain: number;
};

export const standardLimits: ConnectionLimits = {
  headers: 10_000,
  request: 60_000,
  idle: 65_000,
  checkEvery: 2_000,
  drain: 7_000,
};

/**
 * Listens, with limits on what a slow or hostile client can hold: 16 kB of headers in 10 s, a request in 60 s. `close`
 * takes no new connections, refuses new requests on those that are open, lets what runs finish, and after `limits.drain`
 * ends what is left. `newId` names what is refused before the listener sees it.
 * @throws Error that says which address is taken or may not be used, and by which setting to change it.
 */
export async function listen(
  listener: RequestListener,
  at: ListenAddress,
  newId: NewId,
  limits: ConnectionLimits = standardLimits,
): Promise<Listening> {
  const running = new Map<ServerResponse, IncomingMessage>();
  let isClosing = false;
  // One function for all of them: one for each would be kept with each.
  function noteEnd(this: ServerResponse): void {
    running.delete(this);
    if (isClosing) server.closeIdleConnections();
  }
  const server = createServer(
    {
      maxHeaderSize: 16_384,
      headersTimeout: limits.headers,
      requestTimeout: limits.request,
      keepAliveTimeout: limits.idle,
      connectionsCheckingInterval: limits.checkEvery,
      // Checked below: Node looks for one that is missing only, and answers that with nothing to read.
      requireHostHeader: false,
    },
    (request, response) => {
      if (isClosing || !isHostClear(request)) {
        refuseRequest(request, response, isClosing ? draining : malformed, newId('req'));
        return;
      }
      running.set(response, request);
      response.on('close', noteEnd);
      listener(request, response);
    },
  );
  // Node would drop what comes after 2,000 headers without a word, a second copy of a key too; 16 kB bound them already.
  server.maxHeadersCount = 0;
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) =>
    refuseRequest(request, response, expectationFailed, newId('req')),
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // While an earlier request waits for its answer, or one has begun, another one would be taken for it.
    const mayAnswer = [...running].every(
      ([response, request]) => request.socket !== socket || (!request.complete && !response.headersSent),
    );
    if (!mayAnswer || !socket.writable || error.code === 'ECONNRESET') socket.destroy();
    else refuseConnection(socket, refusalOf(error), newId('req'));
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await bind(server, at);
  const { port } = server.address() as AddressInfo;
  const host = at.host.includes(':') ? `[${at.host}]` : at.host;
  return {
    url: `http://${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        isClosing = true;
        for (const response of running.keys()) {
          if (!response.headersSent) response.setHeader('Connection', 'close');
        }
        const impatience = setTimeout(() => server.closeAllConnections(), limits.drain);
        server.close(() => {
          clearTimeout(impatience);
          resolve();
        });
        server.closeIdleConnections();
        // Those that have not said a word yet do not count as idle.
        for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      }),
  };
}

/** RFC 9112, section 3.2: exactly one Host; HTTP/1.0, which some health checks speak, may do without. Of two each proxy on the way may believe another. */
function isHostClear({ rawHeaders, httpVersion }: IncomingMessage): boolean {
  let copies = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') copies++;
  }
  return copies === 1 || (copies === 0 && httpVersion === '1.0');
}
