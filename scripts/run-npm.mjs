import { basename } from 'node:path';
import { Refusal } from './refusal.mjs';
import { exitCodeOf, runChild } from './run-child.mjs';

const COMMON = [
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--prefer-offline',
  // Packages are judged by the Node that will run them, not by the host's, on which npm runs.
  '--engine-strict=false',
  // `npm run -s` hands its silence down to us; a failure must still say why.
  '--loglevel=error',
  // A machine without a network is told so in seconds, not after npm's minutes of patience.
  '--fetch-retries=2',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=4000',
];

/**
 * Runs npm silently, on the host's Node: Debian's npm finds its parts only with Debian's Node.
 * @param {string} cwd
 * @param {string[]} args
 * @param {string} failure what could not be done, and what to do about it: the first words of the message
 */
export async function runNpm(cwd, args, failure) {
  const cli = process.env.npm_execpath ?? '';
  const [command, first] = basename(cli) === 'npm-cli.js' ? [process.execPath, [cli]] : ['npm', []];
  let result;
  try {
    result = await runChild(command, [...first, ...args, ...COMMON], { cwd, capture: true });
  } catch (error) {
    throw new Refusal(`${failure}\nnpm could not be started (${error.message}); install npm 9 or newer.`);
  }
  // npm answers a signal with an exit code like any other.
  if (result.asked)
    throw new Refusal('The installation was interrupted; start again.', exitCodeOf(result.asked));
  if (result.code !== 0) throw new Refusal(`${failure}\n${result.output.trim()}`);
}
