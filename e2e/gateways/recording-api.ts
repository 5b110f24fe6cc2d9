import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it reached the API behind the gateway; `url` and the headers are the bytes, read as Latin-1. */
export type Reached = {
  method: string;
  url: string;
  /** Every copy of each header, by its name in lower case. */
  headers: NodeJS.Dict<string[]>;
  body: string;
};

export type RecordingApi = {
  port: number;
  /** What has reached the API since the last call. */
  take: () => Reached[];
  close: () => Promise<void>;
};

/** A small real API: it answers 200 to everything that reaches it, and remembers what did. */
export async function startRecordingApi(): Promise<RecordingApi> {
  let reached: Reached[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      reached.push({
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headersDistinct,
        body: Buffer.concat(chunks).toString(),
      });
      response.setHeader('content-type', 'application/json');
      response.end('{"served":true}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    take: () => {
      const taken = reached;
      reached = [];
      return taken;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
