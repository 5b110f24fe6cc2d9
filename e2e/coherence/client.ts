import { Agent, request } from 'node:http';
import type { Answer } from '../../server/test/harness.ts';
import type { Call } from '../../server/test/verdict-changes/verdict-change.ts';

/** An answer with the instants, of the driver's monotonic clock, between which it was asked for and read to its end. */
export type Timed = Answer & { sentAt: number; answeredAt: number };
export type Client = {
  /** @throws Error where there is no whole answer within `patience` milliseconds: whether it was done is not known. */
  send: (call: Call & { key: string }, patience: number) => Promise<Timed>;
  close: () => void;
};

/** Connections to one server that are kept open, at most so many. */
export function createClient(url: string, connections: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const { hostname, port } = new URL(url);
  const send: Client['send'] = ({ method, path, body, key }, patience) =>
    new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : JSON.stringify(body);
      const sentAt = performance.now();
      const asked = request({
        agent,
        hostname,
        port,
        method,
        path,
        headers: {
          authorization: `Bearer ${key}`,
          ...(payload === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
        },
      });
      const late = setTimeout(() => asked.destroy(new Error('no answer in time')), patience);
      const fail = (error: Error) => {
        clearTimeout(late);
        reject(error);
      };
      asked.on('error', fail);
      asked.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          clearTimeout(late);
          const answeredAt = performance.now();
          const text = Buffer.concat(chunks).toString();
          const isJson = /json/.test(response.headers['content-type'] ?? '');
          resolve({
            status: response.statusCode ?? 0,
            headers: new Headers(),
            body: isJson ? JSON.parse(text) : text,
            sentAt,
            answeredAt,
          });
        });
      });
      asked.end(payload);
    });
  return { send, close: () => agent.destroy() };
}
