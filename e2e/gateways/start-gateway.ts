import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findProgram } from '../../scripts/find-program.ts';
import { freePort } from '../../scripts/free-port.ts';
import { type Behind, type GatewayName, writeConfiguration } from './write-configuration.ts';

export type Gateway = {
  name: GatewayName;
  port: number;
  /** Ends the gateway and answers all that it has written: access log, error log, standard output and error. */
  close: () => Promise<string>;
};

/** Starts the real gateway with its shipped configuration, in which only what the operator must set is replaced. */
export async function startGateway(name: GatewayName, behind: Behind): Promise<Gateway> {
  const folder = mkdtempSync(join(tmpdir(), `keywright-${name}-`));
  // nginx started by root works as another user, who must reach what it buffers there.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const configuration = writeConfiguration(name, folder, port, behind);
  const child = spawn(programOf(name), argumentsOf[name](folder, configuration), {
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  });
  const output: string[] = [];
  child.stdout.on('data', (chunk) => output.push(String(chunk)));
  child.stderr.on('data', (chunk) => output.push(String(chunk)));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const close = async () => {
    child.kill('SIGTERM');
    await ended;
    process.off('exit', kill);
    const files = readdirSync(folder).filter((file) => file.endsWith('.log'));
    const logged = output.join('') + files.map((file) => readFileSync(join(folder, file), 'utf8')).join('');
    rmSync(folder, { recursive: true, force: true });
    return logged;
  };
  try {
    await untilListening(port, child);
  } catch (error) {
    throw new Error(`${name} did not start:\n${await close()}`, { cause: error });
  }
  return { name, port, close };
}

const argumentsOf: Readonly<Record<GatewayName, (folder: string, file: string) => string[]>> = {
  nginx: (folder, file) => ['-p', folder, '-e', 'stderr', '-c', file, '-g', 'daemon off;'],
  caddy: (_, file) => ['run', '--config', file, '--adapter', 'caddyfile'],
};

function programOf(name: GatewayName): string {
  const program = findProgram(name);
  if (program === undefined)
    throw new Error(`${name} is not installed: run the tests by npm test, which installs it.`);
  return program;
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (child.exitCode !== null) throw new Error(`exit code ${child.exitCode}`);
    if (await accepts(port)) return;
    await pause(25);
  }
  throw new Error('not listening after 10 s');
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
