import { createServer } from 'node:http';

/*
 * What Keywright's verification is measured against: node:http alone, which reads and parses a JSON body and answers a
 * JSON of the size that is given as its argument. Says its URL on standard output.
 */

const answer = JSON.parse(process.argv[2] ?? '{}') as object;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    JSON.parse(Buffer.concat(chunks).toString());
    const body = JSON.stringify(answer);
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  });
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') {
    console.log(`The bare server serves at http://127.0.0.1:${address.port}`);
  }
});
