import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNpm } from './run-npm.mjs';
import { withInstallLock } from './with-install-lock.mjs';

/**
 * Installs the packages of package-lock.json when it changed since the last time, or when more are needed now.
 * @param {string} root the checkout
 * @param {'production' | 'all'} mode production: what the program runs with; all: also what it is tested with
 */
export async function ensurePackages(root, mode) {
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const lock = createHash('sha256').update(lockText).digest('hex');
  if (serves(readStamp(root), lock, mode)) return;
  await withInstallLock(root, async () => {
    const stamp = readStamp(root);
    if (serves(stamp, lock, mode)) return;
    if (!isInstalled(root, JSON.parse(lockText), mode)) await install(root, stamp?.lock === lock, mode);
    writeFileSync(stampPath(root), `${JSON.stringify({ lock, mode })}\n`);
  });
}

async function install(root, addOnly, mode) {
  const what = mode === 'all' ? "the program's packages and those of its tests" : "the program's packages";
  process.stderr.write(`Installing ${what} (node_modules).\n`);
  const omit = mode === 'all' ? '--include=dev' : '--omit=dev';
  // `npm ci` starts by removing node_modules, under a server that may be running from it. Where only the tests'
  // packages are missing they are added instead; the lock file decides what they are either way. What vouches for
  // the old tree goes first: an interrupted `npm ci` must not be taken for a finished one.
  if (!addOnly) for (const path of [stampPath(root), npmsListPath(root)]) rmSync(path, { force: true });
  const args = addOnly ? ['install', '--no-save', omit] : ['ci', omit];
  await runNpm(
    root,
    args,
    `The packages could not be installed. Is the network there, and npm's registry or proxy set? What npm said:`,
  );
}

function stampPath(root) {
  return join(root, 'node_modules', '.keywright-packages.json');
}

function npmsListPath(root) {
  return join(root, 'node_modules', '.package-lock.json');
}

function readStamp(root) {
  return readJson(stampPath(root));
}

function serves(stamp, lock, mode) {
  return stamp?.lock === lock && (stamp.mode === 'all' || mode === 'production');
}

// Someone who ran npm by hand has the right packages without our stamp: npm keeps a list of what it put there.
function isInstalled(root, wanted, mode) {
  const present = readJson(npmsListPath(root))?.packages;
  if (!present) return false;
  return Object.entries(wanted.packages).every(([path, entry]) => {
    if (path === '' || entry.link) return true;
    const skipped = entry.optional || (mode === 'production' && (entry.dev || entry.devOptional));
    const found = present[path];
    return found ? found.version === entry.version && found.integrity === entry.integrity : skipped;
  });
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
