import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openServices } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { systemActor } from '../src/domain/access/actor.ts';
import type { Services } from '../src/domain/context.ts';
import { createManagementKey } from '../src/domain/management-keys/create-management-key.ts';
import { createOrganization } from '../src/domain/organizations/create-organization.ts';
import { createLog } from '../src/lib/create-log.ts';
import type { Answer, CallOptions } from './harness.ts';

const main = resolve(import.meta.dirname, '../src/main.ts');

/** What one process compiled the next ones need not: starts are most of what these tests do. */
const compiled = mkdtempSync(join(tmpdir(), 'keywright-compiled-'));
process.once('exit', () => rmSync(compiled, { recursive: true, force: true }));

export type Ending = { code: number | null; signal: NodeJS.Signals | null };
export type Served = {
  pid: number;
  /** Rejects, with what was said, where the process ends before it serves. */
  ready: Promise<{ apiUrl: string; gatewayUrl: string }>;
  /** Standard output and standard error so far. */
  said: () => string;
  kill: (signal: NodeJS.Signals) => void;
  ended: Promise<Ending>;
};

/** A real `keywright serve` in a process of its own. `enter`: a command before it that becomes it, such as one that enters a namespace. */
function spawnServe(environment: Record<string, string>, enter: readonly string[]): Served {
  const [program = '', ...args] = [...enter, process.execPath, main, 'serve'];
  const child: ChildProcess = spawn(program, args, {
    cwd: tmpdir(),
    env: {
      PATH: process.env.PATH ?? '',
      NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
      NODE_COMPILE_CACHE: compiled,
      KEYWRIGHT_PORT: '0',
      KEYWRIGHT_GATEWAY_PORT: '0',
      // One process to signal and to kill, and less to start; what is about workers asks for them.
      KEYWRIGHT_WORKERS: '1',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const ended = new Promise<Ending>((done) => child.once('close', (code, signal) => done({ code, signal })));
  const ready = new Promise<{ apiUrl: string; gatewayUrl: string }>((found, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        said += String(chunk);
        const [, apiUrl, gatewayUrl] = /serves at (\S+) \(gateways: (\S+)\)/.exec(said) ?? [];
        if (apiUrl !== undefined && gatewayUrl !== undefined) found({ apiUrl, gatewayUrl });
      });
    }
    void ended.then((ending) => failed(new Error(`It ended (${JSON.stringify(ending)}): ${said}`)));
  });
  // Whoever does not wait for it, because it is to be killed, need not hear of it.
  ready.catch(() => undefined);
  return { pid: child.pid ?? 0, ready, said: () => said, kill: (signal) => void child.kill(signal), ended };
}

/** A data folder of its own, on this PostgreSQL database or (without one) on SQLite in the folder. */
export function newFolder(databaseUrl?: string) {
  const folder = mkdtempSync(join(tmpdir(), 'keywright-serve-'));
  const environment: Record<string, string> = {
    KEYWRIGHT_DATA_DIR: folder,
    ...(databaseUrl === undefined ? {} : { KEYWRIGHT_DATABASE_URL: databaseUrl }),
  };
  const spawned: Served[] = [];
  /** Of this folder, unless settings say otherwise; `remove` ends it if nothing else did. */
  function serve(settings: Record<string, string> = {}, enter: readonly string[] = []): Served {
    const served = spawnServe({ ...environment, ...settings }, enter);
    spawned.push(served);
    return served;
  }
  /** The database as the program sees it, while no `serve` holds it or beside one. */
  async function withServices<Result>(act: (services: Services) => Promise<Result>): Promise<Result> {
    const config = readConfig(environment, () => undefined);
    const services = await openServices(config, { log: createLog('error') });
    try {
      return await act(services);
    } finally {
      await services.close();
    }
  }
  /** An organization, and a management key with all scopes. */
  const makeAdmin = () =>
    withServices(async (services) => {
      const made = await createOrganization(services, { id: 'req_test' }, { name: 'Test', brand: 'kw' });
      const organizationId = made.result.value.id;
      const ctx = {
        ...services,
        actor: systemActor,
        organizationId,
        request: { id: 'req_test', ip: null, userAgent: null },
      };
      const key = await createManagementKey(ctx, { name: 'test', scopes: ['*'] });
      return { organizationId, adminKey: String(key.result.secret) };
    });
  return {
    folder,
    environment,
    serve,
    withServices,
    makeAdmin,
    remove: async () => {
      for (const served of spawned) served.kill('SIGKILL');
      await Promise.all(spawned.map((served) => served.ended));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One request, with its answer read to the end. @throws where there is no whole answer. */
export async function request(
  url: string,
  method: string,
  path: string,
  { key, body, raw, headers }: CallOptions & { key: string | null },
): Promise<Answer> {
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(payload === undefined ? {} : { body: payload }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}
