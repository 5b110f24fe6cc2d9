import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPostgres } from './find-postgres.ts';
import { freePort } from './free-port.ts';
import { runTool, type ToolResult } from './run-tool.ts';

export type PostgresCluster = {
  /** Of the database `postgres`, as superuser, who may create others. Holds the password: not for a log. */
  url: string;
  /** Stops it and removes its folder. */
  stop: () => Promise<void>;
  /** Ends every process of it at once, as a power cut would: the next start has to recover. */
  crash: () => Promise<void>;
  /** Starts it again after a crash, on the same port. */
  start: () => Promise<void>;
};

const ATTEMPTS = 3;

/**
 * A PostgreSQL of one's own: in a temporary folder, on a free port of 127.0.0.1, with a password, not as root.
 * @param settings lines of postgresql.conf, such as `{ shared_buffers: '512MB' }`
 */
export async function startPostgresCluster(settings: Record<string, string> = {}): Promise<PostgresCluster> {
  const programs = findPostgres();
  if (!programs) throw new Error('PostgreSQL 15 or newer is missing: install the package `postgresql`.');
  const as = await ordinaryUser();
  const folder = mkdtempSync(join(tmpdir(), 'keywright-postgres-'));
  const password = randomBytes(18).toString('base64url');
  const data = join(folder, 'data');
  const run = (program: string, args: string[]) =>
    runTool(join(programs, program), args, { cwd: folder, as, env: withoutPostgresSettings() });
  const control = (...args: string[]) => run('pg_ctl', ['-D', data, '-w', '-t', '60', ...args]);

  async function stopProcesses(): Promise<void> {
    if (existsSync(join(data, 'postmaster.pid'))) await control('-m', 'immediate', 'stop');
  }
  async function stop(): Promise<void> {
    await stopProcesses();
    rmSync(folder, { recursive: true, force: true });
  }
  async function start(port: number): Promise<void> {
    expectSuccess(await control('-l', join(folder, 'log'), '-o', `-p ${port}`, 'start'), () =>
      readFileSync(join(folder, 'log'), 'utf8'),
    );
  }

  try {
    writeFileSync(join(folder, 'password'), password, { mode: 0o600 });
    if (as) for (const path of [folder, join(folder, 'password')]) chownSync(path, as.uid, as.gid);
    expectSuccess(await run('initdb', initdbArguments(data, join(folder, 'password'))));
    rmSync(join(folder, 'password'));
    appendFileSync(join(data, 'postgresql.conf'), configuration({ ...ownSettings(folder), ...settings }));
    const port = await startOnFreePort(start);
    return {
      url: `postgres://keywright:${password}@127.0.0.1:${port}/postgres`,
      stop,
      crash: stopProcesses,
      start: () => start(port),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

// A language's order of letters, as in production: under the order of bytes a forgotten COLLATE would go unseen.
function initdbArguments(data: string, passwordFile: string): string[] {
  const order = ['--locale=C', '--encoding=UTF8', '--locale-provider=icu', '--icu-locale=en-US'];
  const access = ['--username=keywright', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  return ['-D', data, '--no-sync', ...order, ...access];
}

function ownSettings(folder: string): Record<string, string> {
  return { listen_addresses: '127.0.0.1', unix_socket_directories: folder, max_connections: '200' };
}

function configuration(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
    .join('');
}

// Between finding a port free and taking it somebody else may have taken it.
async function startOnFreePort(start: (port: number) => Promise<void>): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      await start(port);
      return port;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

/** PostgreSQL refuses to run as root; its own user is there where Debian's package is. */
async function ordinaryUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = [await runTool('id', ['-u', name]), await runTool('id', ['-g', name])];
    if (uid.code === 0 && gid.code === 0) return { uid: Number(uid.output), gid: Number(gid.output) };
  }
  throw new Error('PostgreSQL does not run as root, and there is no user `postgres` or `nobody`.');
}

// PGDATA, PGPORT and their like would turn our programs to somebody's real database.
function withoutPostgresSettings(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG')));
}

function expectSuccess({ code, output }: ToolResult, more: () => string = () => ''): void {
  if (code !== 0) throw new Error(`PostgreSQL did not start.\n${output.trim()}\n${more().trim()}`);
}
