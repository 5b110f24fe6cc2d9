import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import type { DatabaseKind } from '../harness.ts';

const main = resolve(import.meta.dirname, '../../src/main.ts');

// biome-ignore lint/suspicious/noExplicitAny: a test asserts what the body is; its type is the assertion.
type Body = any;

export type Ran = { code: number; stdout: string; stderr: string };
export type Answer = { code: number; body: Body };

/** A folder (and on PostgreSQL a database) of its own for the real command; `close` ends what still runs, and removes it. */
export type Installation = {
  folder: string;
  environment: Record<string, string>;
  /** Runs the command to its end, with the input, if any, on standard input. */
  run: (args: readonly string[], environment?: Record<string, string>, input?: string) => Promise<Ran>;
  /** Runs the command and kills it (-9) after so many milliseconds, unless it ended before. */
  runAndKill: (args: readonly string[], milliseconds: number) => Promise<void>;
  /** Runs it with --json, and parses what stands alone on standard output. */
  json: (args: readonly string[], environment?: Record<string, string>) => Promise<Answer>;
  /** Serves on free ports until it is stopped. */
  serve: () => Promise<{ apiUrl: string; stop: () => Promise<void> }>;
  close: () => Promise<void>;
};

export async function newInstallation(kind: DatabaseKind): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), 'keywright-cli-'));
  const database = kind === 'postgres' ? await createDatabase() : undefined;
  const environment: Record<string, string> = {
    KEYWRIGHT_DATA_DIR: join(folder, 'data'),
    KEYWRIGHT_PORT: '0',
    KEYWRIGHT_GATEWAY_PORT: '0',
    ...(database === undefined ? {} : { KEYWRIGHT_DATABASE_URL: database.url }),
  };
  const running = new Set<ChildProcess>();
  const start = (args: readonly string[], more: Record<string, string> = {}) => {
    const child = spawn(process.execPath, [main, ...args], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
        ...environment,
        ...more,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    return child;
  };
  const run = async (
    args: readonly string[],
    more: Record<string, string> = {},
    input = '',
  ): Promise<Ran> => {
    const child = start(args, more);
    // A command that does not read its input may end before all of it is written.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (text) => (said.stdout += String(text)));
    child.stderr.on('data', (text) => (said.stderr += String(text)));
    const code = await new Promise<number>((done) => child.once('close', (status) => done(status ?? -1)));
    return { code, ...said };
  };
  return {
    folder,
    environment,
    run,
    runAndKill: async (args, milliseconds) => {
      const child = start(args);
      const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
      await new Promise((done) => child.once('exit', done));
      clearTimeout(timer);
    },
    json: async (args, more = {}) => {
      const { code, stdout, stderr } = await run(['--json', ...args], more);
      if (stdout === '') throw new Error(`Nothing on standard output, code ${code}: ${stderr}`);
      return { code, body: JSON.parse(stdout) };
    },
    serve: async () => {
      const child = start(['serve']);
      const apiUrl = await new Promise<string>((found, failed) => {
        let said = '';
        const look = (text: unknown) => {
          said += String(text);
          const url = /serves at (\S+)/.exec(said)?.[1];
          if (url !== undefined) found(url);
        };
        child.stdout.on('data', look);
        child.stderr.on('data', (text) => (said += String(text)));
        child.once('close', () => failed(new Error(`It ended: ${said}`)));
      });
      const ended = new Promise<void>((done) => child.once('exit', () => done()));
      return {
        apiUrl,
        stop: async () => {
          child.kill('SIGTERM');
          await ended;
        },
      };
    },
    close: async () => {
      for (const child of running) child.kill('SIGKILL');
      await database?.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function createDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const base = process.env.KEYWRIGHT_TEST_POSTGRES_URL;
  if (base === undefined) {
    throw new Error('KEYWRIGHT_TEST_POSTGRES_URL is not set: run the tests by `npm test -- <file>`.');
  }
  const name = `test_${randomBytes(8).toString('hex')}`;
  const admin = async (statement: string) => {
    const client = new pg.Client({ connectionString: base });
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await admin(`create database ${name}`);
  const url = new URL(base);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => admin(`drop database if exists ${name} with (force)`) };
}
