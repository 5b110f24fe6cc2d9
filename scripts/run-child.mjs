import { spawn } from 'node:child_process';
import { constants } from 'node:os';

// A terminal's hang-up would kill the child at once; it is asked to stop in order instead.
const FORWARDED = { SIGINT: 'SIGINT', SIGTERM: 'SIGTERM', SIGHUP: 'SIGTERM' };
const ECHO_MILLISECONDS = 500;

/**
 * Runs a command to its end and passes on the signals that this process gets.
 *
 * The child is put in a session of its own. In the terminal's it would get Ctrl-C three times (from the terminal,
 * from npm, from us) and take the second for "stop at once, without draining". We get the echoes and pass on one.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, capture?: boolean }} options capture: gather the output instead of showing it
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null, asked: NodeJS.Signals | null, output: string }>}
 *   asked: the signal that was passed on, if any; rejects when it cannot start
 */
export function runChild(command, args, { cwd, env = process.env, capture = false }) {
  return new Promise((resolve, reject) => {
    const stdio = capture ? ['ignore', 'pipe', 'pipe'] : 'inherit';
    const child = spawn(command, args, { cwd, env, stdio, detached: true });
    let output = '';
    let asked = null;
    const gather = (chunk) => {
      output += chunk;
    };
    child.stdout?.setEncoding('utf8').on('data', gather);
    child.stderr?.setEncoding('utf8').on('data', gather);

    const passedOnAt = new Map();
    const forward = (received) => {
      const signal = FORWARDED[received];
      const now = performance.now();
      if (now - (passedOnAt.get(signal) ?? -Infinity) < ECHO_MILLISECONDS) return;
      passedOnAt.set(signal, now);
      asked ??= signal;
      child.kill(signal);
    };
    const names = Object.keys(FORWARDED);
    for (const name of names) process.on(name, forward);
    const settle = (finish) => {
      for (const name of names) process.off(name, forward);
      finish();
    };
    child.on('error', (error) => settle(() => reject(error)));
    child.on('close', (code, signal) => settle(() => resolve({ code, signal, asked, output })));
  });
}

/** The exit code by which a shell reports that a signal ended a command. */
export function exitCodeOf(signal) {
  return 128 + constants.signals[signal];
}
