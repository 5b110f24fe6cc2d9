import { createServer } from 'node:http';

/**
 * `node:http` alone: reads and parses a JSON body, whatever is asked for, and answers 200 with the JSON that `act` gives. Says
 * its URL on standard output, on a port of its own choice.
 */
export function serveJson(name: string, act: (body: unknown, answer: (value: object) => void) => void): void {
  const server = createServer((request, response) => {
    const answer = (value: object) => {
      const body = JSON.stringify(value);
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      });
      response.end(body);
    };
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => act(JSON.parse(Buffer.concat(chunks).toString()), answer));
  });

  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address !== null && typeof address === 'object') {
      console.log(`${name} serves at http://127.0.0.1:${address.port}`);
    }
  });
}
