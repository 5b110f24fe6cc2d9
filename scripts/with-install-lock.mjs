import { mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Refusal } from './refusal.mjs';

const PATIENCE_MILLISECONDS = 10 * 60_000;

/**
 * Does the work while no other start of this checkout installs anything.
 * The lock is a symbolic link whose target is the holder's process id: made, with its content, in one step.
 * @template T
 * @param {string} root the checkout
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withInstallLock(root, work) {
  mkdirSync(join(root, '.node'), { recursive: true });
  const lock = join(root, '.node', 'install.lock');
  const deadline = performance.now() + PATIENCE_MILLISECONDS;
  let told = false;
  while (!take(lock)) {
    if (removeIfStale(lock)) continue;
    if (performance.now() > deadline) {
      throw new Refusal(`Another start is still installing (${lock}). If none is, remove that file.`);
    }
    if (!told) process.stderr.write('Waiting for another start to finish installing.\n');
    told = true;
    await wait(200);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock) {
  try {
    symlinkSync(String(process.pid), lock);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  }
}

function read(lock) {
  try {
    return readlinkSync(lock);
  } catch {
    return undefined;
  }
}

function lives(pid) {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

// Two starts may find the same dead holder: whoever moves away a lock that a living one took since puts it back.
function removeIfStale(lock) {
  const holder = read(lock);
  if (holder === undefined || lives(holder)) return false;
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
    if (read(aside) === holder) rmSync(aside);
    else renameSync(aside, lock);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  return true;
}
