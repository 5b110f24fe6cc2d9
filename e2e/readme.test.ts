import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../scripts/free-port.ts';

const repository = resolve(import.meta.dirname, '..');
const readme = readFileSync(join(repository, 'README.md'), 'utf8');

/** The commands of "A key in front of your API in five minutes", as they stand there, a fenced block each. */
const blocks = [
  ...readme
    .slice(readme.indexOf('## A key in front'), readme.indexOf('## Where to go next'))
    .matchAll(/```sh\n([\s\S]*?)```/g),
].map((match) => String(match[1]));

describe('the five minutes of the README, command by command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keywright-readme-'));
  const started: ChildProcess[] = [];
  let served: string | undefined;
  after(async () => {
    // Where the commands got as far as starting nginx but not as far as stopping it.
    spawnSync('nginx', ['-p', join(folder, 'nginx'), '-c', join(folder, 'nginx/nginx.conf'), '-s', 'stop']);
    for (const child of started) await end(child);
    // What `npm run up` started ends with it: a server that stays would hold its port.
    if (served !== undefined) await assert.rejects(fetch(served), 'the server outlived npm run up');
    rmSync(folder, { recursive: true, force: true });
  });

  test('nginx lets the key pass where it is connected, refuses it elsewhere with 403, and everywhere with 401 once it is revoked', async () => {
    const [serve, api, ...rest] = blocks;
    const ports = [await freePort(), await freePort(), await freePort(), await freePort()];
    /** The same commands, on ports and folders of this test. */
    const adapt = (commands: string) =>
      [3000, 3100, 8000, 8080]
        .reduce((text, port, index) => text.replaceAll(`:${port}`, `:${ports[index]}`), commands)
        .replaceAll('/tmp/keywright-nginx', join(folder, 'nginx'))
        .replace(
          /(sed ".*?")/,
          `$1 -e 's/:3100/:${ports[1]}/; s/:8000/:${ports[2]}/; s/listen 8080/listen 127.0.0.1:${ports[3]}/'`,
        )
        .replace(/sed "/, 'sed -e "');
    const environment = {
      ...process.env,
      KEYWRIGHT_DATA_DIR: join(folder, 'data'),
      KEYWRIGHT_PORT: String(ports[0]),
      KEYWRIGHT_GATEWAY_PORT: String(ports[1]),
      PORT: String(ports[2]),
    };
    started.push(
      spawn('bash', ['-c', `exec ${serve}`], { cwd: repository, env: environment, stdio: 'ignore' }),
    );
    started.push(
      spawn('bash', ['-c', `exec ${api}`], { cwd: repository, env: environment, stdio: 'ignore' }),
    );
    served = `http://127.0.0.1:${ports[0]}/readyz`;
    await answers(served);
    await answers(`http://127.0.0.1:${ports[2]}/`);

    const script = rest.map(adapt).join('\n');
    const output = await run(script, environment);
    const statuses = [...output.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map((match) => Number(match[1]));
    assert.deepEqual(statuses, [401, 200, 403, 401], output);
    assert.match(output, /"you":"app_[0-9a-z]{26}","asked":"GET \/pets\/7"/);
    assert.match(output, /"allowed":false,"reason":"revoked"/);
  });
});

/** Runs the commands in one shell that stops at the first that fails, and answers all that they print. */
async function run(script: string, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn('bash', ['-e', '-c', script], {
    cwd: repository,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const code = await new Promise((done) => child.once('close', done));
  assert.equal(code, 0, output);
  return output;
}

async function answers(url: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    assert.ok(Date.now() < deadline, `${url} does not answer`);
    await pause(100);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await gone;
}
