import cluster from 'node:cluster';
import { createServer } from 'node:http';

/*
 * What Keywright's verification is measured against: node:http alone, which reads and parses a JSON body and answers a
 * JSON of the size that is given as its first argument. The second: in how many processes, one if it is not given. Says its URL
 * on standard output.
 */

const answer = JSON.parse(process.argv[2] ?? '{}') as object;
const processes = Number(process.argv[3] ?? 1);

if (cluster.isPrimary && processes > 1) {
  process.once('SIGTERM', () => process.exit(0));
  for (let started = 0; started < processes; started++) cluster.fork();
} else serve();

function serve(): void {
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
}
