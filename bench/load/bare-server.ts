import cluster from 'node:cluster';
import { serveJson } from './serve-json.ts';

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
} else serveJson('The bare server', (_, send) => send(answer));
