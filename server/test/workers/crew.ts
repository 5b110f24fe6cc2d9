import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type Body, createPostgresDatabase, type DatabaseKind } from '../harness.ts';
import { newFolder, type Served } from '../serve-process.ts';

export type Folder = ReturnType<typeof newFolder>;
/** One connection that stays open, so that every request on it reaches the same worker. */
export type Line = {
  ask: (method: string, path: string, options?: Asked) => Promise<{ status: number; body: Body }>;
  close: () => void;
};
type Asked = { key?: string; body?: unknown };

export type Crew = {
  folder: Folder;
  served: Served;
  apiUrl: string;
  gatewayUrl: string;
  adminKey: string;
  /** One connection to each worker, by the worker's number. */
  lines: () => Promise<Line[]>;
  /** The process of each worker that serves now, by its number. */
  pids: () => number[];
};

/** A `serve` with so many workers, on a database with an administrator; ended and removed afterwards. */
export async function withCrew(
  kind: DatabaseKind,
  count: number,
  act: (crew: Crew) => Promise<void>,
): Promise<void> {
  const database = kind === 'postgres' ? await createPostgresDatabase() : undefined;
  const folder = newFolder(database?.url);
  const open: Line[] = [];
  try {
    const { adminKey } = await folder.makeAdmin();
    const served = folder.serve({ KEYWRIGHT_WORKERS: String(count) });
    const { apiUrl, gatewayUrl } = await served.ready;
    const lines = async () => {
      const found = await reachEach(apiUrl, count);
      open.push(...found);
      return found;
    };
    await act({ folder, served, apiUrl, gatewayUrl, adminKey, lines, pids: () => pidsOf(served, count) });
  } finally {
    for (const line of open) line.close();
    await folder.remove();
    await database?.drop();
  }
}

/** Connections are handed out in turn, but which worker a connection reached, only the worker can tell. */
async function reachEach(url: string, count: number): Promise<Line[]> {
  const lines = new Map<number, Line>();
  for (let attempt = 0; lines.size < count; attempt += 1) {
    assert.ok(attempt < 50 * count, `only ${lines.size} of ${count} workers answered`);
    const line = openLine(url);
    const { body } = await line.ask('GET', '/readyz');
    if (lines.has(body.worker.number)) line.close();
    else lines.set(body.worker.number, line);
  }
  return Array.from({ length: count }, (_, index) => lines.get(index + 1) ?? assert.fail());
}

export function openLine(url: string): Line {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let ports = new Set<number | undefined>();
  return {
    ask: (method, path, { key, body } = {}) =>
      new Promise((resolve, reject) => {
        const payload = body === undefined ? undefined : JSON.stringify(body);
        const sent = request(url + path, {
          agent,
          method,
          headers: {
            ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
            ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
          },
        });
        sent.on('response', (response) => {
          // Another connection might be another worker's, and what is asked of this one would be asked of that one.
          ports = ports.add(sent.socket?.localPort);
          if (ports.size > 1) reject(new Error('The connection was not kept.'));
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('error', reject);
          response.on('end', () => {
            const isJson = /json/.test(response.headers['content-type'] ?? '');
            resolve({ status: response.statusCode ?? 0, body: isJson ? JSON.parse(text) : text });
          });
        });
        sent.on('error', reject);
        sent.end(payload);
      }),
    close: () => agent.destroy(),
  };
}

/** What the main process said of who serves, the newest of each number. */
function pidsOf(served: Served, count: number): number[] {
  const pids = new Map(
    [...served.said().matchAll(/"worker":(\d+),"workerPid":(\d+),"msg":"a worker serves"/g)].map((match) => [
      Number(match[1]),
      Number(match[2]),
    ]),
  );
  return Array.from({ length: count }, (_, index) => pids.get(index + 1) ?? 0);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  seconds = 30,
): Promise<void> {
  for (const started = performance.now(); !(await holds()); await pause(10)) {
    assert.ok(performance.now() - started < seconds * 1_000, `${what}: not within ${seconds} s`);
  }
}
