import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { showPath } from './show-path.ts';

type Refusal = { status: number; code: string; detail: string };

const refusals: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'headers_too_large',
    detail: 'The headers of the request are larger than 16 kB. Send fewer or shorter ones.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'request_timeout',
    detail: 'The request took too long to arrive. Send it at once.',
  },
};
export const malformed: Refusal = {
  status: 400,
  code: 'malformed_request',
  detail:
    'This is not HTTP as RFC 9112 has it. Check the request line, Host, the other headers, and how the length is told.',
};

export const expectationFailed: Refusal = {
  status: 417,
  code: 'expectation_failed',
  detail: 'The only expectation that is met is 100-continue. Leave the header Expect out.',
};

/** While the process drains: a load balancer sends the request elsewhere. */
export const draining: Refusal = {
  status: 503,
  code: 'unavailable',
  detail: 'Keywright is stopping. Try again shortly.',
};

/** What the parser said of bytes that are no request, by its error code; nothing of the bytes is repeated. */
export function refusalOf(error: NodeJS.ErrnoException): Refusal {
  return refusals[error.code ?? ''] ?? malformed;
}

/**
 * A problem (RFC 9457) for what is refused before anything looks at what is asked. It has no line in the log, which whoever
 * sends such bytes could fill; its id serves to speak of it. `instance` only where there is a path.
 */
export function describeRefusal({ status, code, detail }: Refusal, requestId: string, path?: string): string {
  const instance = path === undefined ? {} : { instance: showPath(path) };
  return JSON.stringify({
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    detail,
    ...instance,
    code,
    requestId,
  });
}

export function refusalHeaders({ status }: Refusal, requestId: string): Record<string, string> {
  return {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    'X-Request-Id': requestId,
    ...(status === 503 ? { 'Retry-After': '1' } : {}),
    Connection: 'close',
  };
}

/** Answers a request that was read, and closes its connection. */
export function refuseRequest(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
  requestId: string,
): void {
  const [path = ''] = (request.url ?? '').split('?');
  const body = describeRefusal(refusal, requestId, path.startsWith('/') ? path : undefined);
  response.writeHead(refusal.status, {
    ...refusalHeaders(refusal, requestId),
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** Answers on the bare socket and closes it: what follows on it can no longer be told apart. */
export function refuseConnection(socket: Duplex, refusal: Refusal, requestId: string): void {
  const body = describeRefusal(refusal, requestId);
  const headers = { ...refusalHeaders(refusal, requestId), 'Content-Length': Buffer.byteLength(body) };
  socket.end(
    [
      `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      '',
      body,
    ].join('\r\n'),
  );
  // Whoever goes on sending is not listened to any more.
  socket.once('finish', () => socket.destroy());
}
