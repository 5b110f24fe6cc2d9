import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

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

/** A problem (RFC 9457) for what never became a request: it has no id, and no line in the log. */
export function describeRefusal({ status, code, detail }: Refusal): string {
  return JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail, code });
}

/** Answers on the bare socket and closes it: what follows on it can no longer be told apart. */
export function refuseConnection(socket: Duplex, refusal: Refusal): void {
  const body = describeRefusal(refusal);
  socket.end(
    [
      `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
  // Whoever goes on sending is not listened to any more.
  socket.once('finish', () => socket.destroy());
}
