import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from './refusal.mjs';
import { runNpm } from './run-npm.mjs';
import { withInstallLock } from './with-install-lock.mjs';

const WANTED = 24;

/**
 * The path of a Node that runs this program: the host's where it is new enough, else one from npm, fetched once
 * into `.node/`. Its package holds nothing but the binary, so that no install script has to run.
 * @param {string} root the checkout
 * @returns {Promise<string>}
 */
export async function ensureNode(root) {
  if (majorOf(process.version) >= WANTED) return process.execPath;
  const name = `node-${process.platform}-${process.arch}`;
  const home = join(root, '.node', 'node_modules', name);
  const binary = join(home, 'bin', 'node');
  if (existsSync(binary)) return binary;
  await withInstallLock(root, async () => {
    if (!existsSync(binary)) await fetchNode(root, name, home);
  });
  return binary;
}

async function fetchNode(root, name, home) {
  process.stderr.write(`Fetching Node ${WANTED} into .node/, once (this machine's is ${process.version}).\n`);
  removeAbandoned(root);
  const place = join(root, '.node', `fetch-${process.pid}`);
  try {
    mkdirSync(place);
    writeFileSync(join(place, 'package.json'), '{ "private": true }\n');
    await runNpm(
      place,
      ['install', `${name}@${WANTED}`, '--prefix', place, '--no-package-lock'],
      `Node ${WANTED} could not be fetched from npm's registry. Keywright needs Node ${WANTED} or newer, and this
machine's is ${process.version}. Is the network there, and npm's registry or proxy set? Or install Node ${WANTED}
yourself (https://nodejs.org), and start again. What npm said:`,
    );
    const fetched = join(place, 'node_modules', name);
    verify(join(fetched, 'bin', 'node'), name);
    mkdirSync(join(root, '.node', 'node_modules'), { recursive: true });
    rmSync(home, { recursive: true, force: true });
    renameSync(fetched, home);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

// Called with the lock held, so that whatever stands there was left by a start that was killed.
function removeAbandoned(root) {
  for (const entry of readdirSync(join(root, '.node'))) {
    if (entry.startsWith('fetch-')) rmSync(join(root, '.node', entry), { recursive: true, force: true });
  }
}

function verify(binary, name) {
  let version;
  try {
    version = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim();
  } catch (error) {
    throw new Refusal(
      `The Node of the npm package ${name} does not run here (${error.message}). Install Node ${WANTED} or newer yourself (https://nodejs.org), and start again.`,
    );
  }
  if (majorOf(version) < WANTED) throw new Refusal(`The npm package ${name} brought Node ${version}.`);
}

function majorOf(version) {
  return Number(/^v(\d+)\./.exec(version)?.[1]);
}
