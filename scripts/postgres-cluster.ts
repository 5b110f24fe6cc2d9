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
  /** Ends every connection in order, and starts it again: an administrator's `fast` restart. */
  restart: () => Promise<void>;
  /** Makes a copy that follows by asynchronous replication. */
  addStandby: () => Promise<Standby>;
  /** Runs a program of PostgreSQL's, such as pg_dump; answers what it said. */
  run: (program: string, args: string[]) => Promise<string>;
};

export type Standby = {
  /** It no longer follows: what is committed from here on it does not know. */
  stop: () => Promise<void>;
  /** After the primary has crashed: becomes the primary, at the same address. */
  takeOver: () => Promise<void>;
};

/** Elsewhere than on loopback: a command that enters there (an `nsenter`, without the `--`), and the address to listen on. */
export type ClusterPlace = { enter: readonly string[]; address: string };

const ATTEMPTS = 3;

/**
 * A PostgreSQL of one's own: in a temporary folder, on a free port of 127.0.0.1, with a password, not as root.
 * @param settings lines of postgresql.conf, such as `{ shared_buffers: '512MB' }`
 */
export async function startPostgresCluster(
  settings: Record<string, string> = {},
  place?: ClusterPlace,
): Promise<PostgresCluster> {
  const programs = findPostgres();
  if (!programs) throw new Error('PostgreSQL 15 or newer is missing: install the package `postgresql`.');
  const as = await ordinaryUser();
  const folder = mkdtempSync(join(tmpdir(), 'keywright-postgres-'));
  const password = randomBytes(18).toString('base64url');
  const data = join(folder, 'data');
  const copy = join(folder, 'standby');
  const run = (program: string, args: string[]) => {
    const path = join(programs, program);
    const options = { cwd: folder, env: withoutPostgresSettings() };
    const [command, ...before] = place === undefined ? [] : enterAs(place.enter, as);
    if (command === undefined) return runTool(path, args, { ...options, as });
    return runTool(command, [...before, path, ...args], options);
  };
  const controlIn = (place: string, ...args: string[]) =>
    run('pg_ctl', ['-D', place, '-w', '-t', '60', ...args]);
  const control = (...args: string[]) => controlIn(data, ...args);

  async function stopProcesses(): Promise<void> {
    for (const place of [data, copy]) {
      if (existsSync(join(place, 'postmaster.pid'))) await controlIn(place, '-m', 'immediate', 'stop');
    }
  }
  async function stop(): Promise<void> {
    await stopProcesses();
    rmSync(folder, { recursive: true, force: true });
  }
  async function addStandby(url: string, port: number): Promise<Standby> {
    const startCopy = async (on: number) => {
      const started = await controlIn(copy, '-l', join(folder, 'standby-log'), '-o', `-p ${on}`, 'start');
      expectSuccess(started, () => readFileSync(join(folder, 'standby-log'), 'utf8'));
    };
    expectSuccess(await run('pg_basebackup', ['-D', copy, '-R', '--checkpoint=fast', `--dbname=${url}`]));
    await startCopy(await freePort());
    return {
      stop: async () => expectSuccess(await controlIn(copy, '-m', 'fast', 'stop')),
      takeOver: async () => {
        await startCopy(port);
        expectSuccess(await controlIn(copy, 'promote'));
      },
    };
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
    const own = ownSettings(folder, place?.address ?? '127.0.0.1');
    appendFileSync(join(data, 'postgresql.conf'), configuration({ ...own, ...settings }));
    if (place) appendFileSync(join(data, 'pg_hba.conf'), 'host all all samenet scram-sha-256\n');
    const port = await startOnFreePort(start);
    const url = `postgres://keywright:${password}@127.0.0.1:${port}/postgres`;
    return {
      url,
      stop,
      crash: stopProcesses,
      start: () => start(port),
      restart: async () => {
        expectSuccess(await control('-m', 'fast', 'stop'));
        await start(port);
      },
      addStandby: () => addStandby(url, port),
      run: async (program, args) => {
        const { code, output } = await run(program, args);
        if (code !== 0) throw new Error(`${program} failed.\n${output.trim()}`);
        return output;
      },
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

function ownSettings(folder: string, address: string): Record<string, string> {
  return { listen_addresses: address, unix_socket_directories: folder, max_connections: '200' };
}

/** Entering a namespace takes root: only then does it become the ordinary user. */
function enterAs(enter: readonly string[], as: { uid: number; gid: number } | undefined): string[] {
  return [...enter, ...(as === undefined ? [] : [`--setuid=${as.uid}`, `--setgid=${as.gid}`]), '--'];
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
