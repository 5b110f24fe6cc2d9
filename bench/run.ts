import { parseArgs } from 'node:util';
import { type Bench, openBench } from './context.ts';
import type { Part } from './line.ts';
import { benchImport } from './parts/import.ts';
import { benchInProcess } from './parts/in-process.ts';
import { benchLists } from './parts/lists.ts';
import { benchPeer } from './parts/peer.ts';
import { benchPointRead } from './parts/point-read.ts';
import { benchRevocation } from './parts/revocation.ts';
import { benchStart } from './parts/start.ts';
import { benchVerify } from './parts/verify.ts';
import { benchWarm } from './parts/warm.ts';
import { benchWorkers } from './parts/workers.ts';
import { toText, writeReport } from './write-report.ts';

const parts: Readonly<Record<string, (bench: Bench) => Promise<Part>>> = {
  warm: benchWarm,
  workers: benchWorkers,
  peer: benchPeer,
  verify: benchVerify,
  'in-process': benchInProcess,
  'point-read': benchPointRead,
  lists: benchLists,
  revocation: benchRevocation,
  start: benchStart,
  import: benchImport,
};
const manyKeys = 1_000_000;
const usualRounds = 5;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const asked = readArguments(args);
  if (typeof asked === 'string') {
    console.error(asked);
    return 2;
  }
  const bench = openBench(asked);
  const close = async () => {
    await bench.close();
    process.exit(130);
  };
  process.once('SIGINT', close);
  process.once('SIGTERM', close);
  const done: Part[] = [];
  try {
    for (const name of asked.names) {
      bench.say(`\n${name}`);
      const part = await parts[name]?.(bench);
      if (part === undefined) continue;
      done.push(part);
      console.log(toText(part));
    }
    const isWhole = asked.names.length === Object.keys(parts).length && asked.keys === manyKeys;
    if (isWhole) await writeReport(done, { command: 'npm run bench', rounds: asked.rounds });
    else console.log('Not everything was run with 1,000,000 keys: docs/performance.md stays as it is.');
  } finally {
    await bench.close();
  }
  return done.flatMap((part) => part.lines).some((line) => line.met === false) ? 1 : 0;
}

function readArguments(args: string[]): { names: string[]; keys: number; rounds: number } | string {
  const usage = `npm run bench -- [${Object.keys(parts).join('] [')}] [--keys ${manyKeys}] [--rounds ${usualRounds}]`;
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        keys: { type: 'string', default: String(manyKeys) },
        rounds: { type: 'string', default: String(usualRounds) },
      },
    });
    const unknown = positionals.find((name) => !Object.hasOwn(parts, name));
    if (unknown !== undefined) return `There is no part ${JSON.stringify(unknown)}.\n${usage}`;
    const [keys, rounds] = [Number(values.keys), Number(values.rounds)];
    if (!Number.isSafeInteger(keys) || keys < 1_000) return `--keys must be 1000 or more.\n${usage}`;
    if (!Number.isSafeInteger(rounds) || rounds < 1) return `--rounds must be 1 or more.\n${usage}`;
    return { names: positionals.length > 0 ? positionals : Object.keys(parts), keys, rounds };
  } catch (error) {
    return `${(error as Error).message}\n${usage}`;
  }
}
