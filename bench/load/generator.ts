import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { LoadOrder, LoadResult } from './run-load.ts';

/*
 * Sends requests over keep-alive connections, one at a time on each, as fast as they are answered, and says the result as
 * JSON on standard output. Raw sockets and requests made beforehand, because on two cores a whole HTTP client would be
 * the slower side, and would be what is measured.
 */

const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as LoadOrder;
const { hostname, port } = new URL(order.url);
const requests = readFileSync(order.requests);
const offsets = new Uint32Array(Uint8Array.from(readFileSync(order.offsets)).buffer);
const expected = Buffer.from(order.expected);
const lengthHeader = Buffer.from('content-length: ');
const capitalLengthHeader = Buffer.from('Content-Length: ');
const end = Buffer.from('\r\n\r\n');

const latencies = new Float64Array(4_000_000);
let answered = 0;
let all = 0;
let wrong = 0;
let measuring = false;
let stopping = false;

function run(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    let sentAt = 0;
    let kept: Buffer | undefined;
    const send = () => {
      sentAt = performance.now();
      const index = Math.floor(Math.random() * (offsets.length - 1));
      socket.write(requests.subarray(offsets[index], offsets[index + 1]));
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('close', () => (stopping ? resolve() : reject(new Error('The server closed a connection.'))));
    socket.on('data', (chunk: Buffer) => {
      const answer = kept === undefined ? chunk : Buffer.concat([kept, chunk]);
      if (!isComplete(answer)) {
        kept = answer;
        return;
      }
      kept = undefined;
      all++;
      if (measuring && answered < latencies.length) {
        latencies[answered++] = performance.now() - sentAt;
        if (!isExpected(answer)) wrong++;
      }
      if (stopping) socket.end();
      else send();
    });
  });
}

function bodyStart(answer: Buffer): number {
  const at = answer.indexOf(end);
  return at < 0 ? -1 : at + end.length;
}

function isComplete(answer: Buffer): boolean {
  const start = bodyStart(answer);
  if (start < 0) return false;
  let header = answer.indexOf(lengthHeader);
  if (header < 0) header = answer.indexOf(capitalLengthHeader);
  if (header < 0) throw new Error(`An answer without Content-Length: ${answer.toString().slice(0, 200)}`);
  return answer.length >= start + Number.parseInt(answer.toString('latin1', header + 16, header + 24), 10);
}

function isExpected(answer: Buffer): boolean {
  const start = bodyStart(answer);
  return answer.compare(expected, 0, expected.length, start, start + expected.length) === 0;
}

const connections = Promise.all(Array.from({ length: order.connections }, run));
await Promise.race([connections, pause(order.warmUpSeconds)]);
measuring = true;
const startedAt = performance.now();
const startedCpu = process.cpuUsage();
await Promise.race([connections, pause(order.seconds)]);
const seconds = (performance.now() - startedAt) / 1_000;
const { user, system } = process.cpuUsage(startedCpu);
measuring = false;
stopping = true;
await connections;

const sorted = latencies.subarray(0, answered).sort();
const result: LoadResult = {
  requestsPerSecond: answered / seconds,
  p50: sorted[Math.floor(answered * 0.5)] ?? 0,
  p99: sorted[Math.floor(answered * 0.99)] ?? 0,
  wrong,
  allRequests: all,
  generatorBusy: (user + system) / 1e6 / seconds,
};
console.log(JSON.stringify(result));

function pause(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time * 1_000));
}
