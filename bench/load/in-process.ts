import { readFileSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openServices } from '../../server/src/app.ts';
import { openCoherence } from '../../server/src/coherence/open-coherence.ts';
import { readConfig } from '../../server/src/config.ts';
import { createLog } from '../../server/src/lib/create-log.ts';
import { digestSecret, pepperedHash } from '../../server/src/lib/peppers.ts';
import type { VerifyInput } from '../../server/src/verification/conclude.ts';
import { prepareFindKeyRow } from '../../server/src/verification/find-key-row.ts';
import { createUses } from '../../server/src/verification/uses.ts';
import { createVerifier } from '../../server/src/verification/verifier.ts';
import { createSeededRandom } from '../seeded-random.ts';
import type { InProcessOrder, InProcessResult } from './run-in-process.ts';

/*
 * The verifier without HTTP, in a process of its own on one core (run-in-process.ts): beside what any cache of keys must do, a
 * SHA-256 and a look into a Map, and with every key a miss beside the bare statement. Prints its result as JSON.
 */

/** As many arrive in one turn of the event loop as the load generator has connections. */
const together = 64;
const perRound = 64 * 3_000;

const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as InProcessOrder;
const config = readConfig(order.environment, () => undefined);
const services = await openServices(config, { log: createLog('warn') });
const coherence = openCoherence(services, (error) => console.error(error));
const uses = createUses(services.database, (error) => console.error(error));
const open = () => createVerifier({ ...services, uses, coherence, cacheBytes: 4e9 });
const passing = JSON.parse(readFileSync(order.passing, 'utf8')) as {
  secret: string;
  environment: 'production';
}[];
const inputs = passing.map(
  ({ secret, environment }): VerifyInput => ({
    ...{ organizationId: order.organizationId, secret, environment, scopes: [] },
    ...{ apiKeyId: null, api: null, method: null, path: null, ip: null, userAgent: null },
  }),
);
const random = createSeededRandom('in process');

const result: InProcessResult = {
  reference: [],
  warm: [],
  coldBare: [],
  cold: [],
  bytesPerKey: 0,
  counted: 0,
};
const verifier = open();
await measureMemory();
await measureWarm();
await measureCold();
console.log(JSON.stringify(result));
// Whatever is gathered in uses is nobody's: the database is thrown away.
process.exit(0);

async function measureMemory(): Promise<void> {
  const floor = heapUsed();
  for (const input of inputs) {
    if (!(await verifier.verify(input)).allowed) throw new Error('A key that passes was denied.');
  }
  await uses.close();
  result.bytesPerKey = (heapUsed() - floor) / inputs.length;
  result.counted = (verifier.caches.keys?.counts.bytes ?? 0) / inputs.length;
}

function heapUsed(): number {
  if (global.gc === undefined) throw new Error('Start it with --expose-gc.');
  global.gc();
  return process.memoryUsage().heapUsed;
}

async function measureWarm(): Promise<void> {
  const known = new Map(inputs.map((input) => [digestSecret(input.secret), input]));
  const isKnown = (input: VerifyInput) => known.has(digestSecret(input.secret));
  const isAllowed = (input: VerifyInput) => {
    const verification = verifier.verify(input);
    return !(verification instanceof Promise) && verification.allowed;
  };
  for (let round = 0; round <= order.rounds; round++) {
    const reference = await perSecond(isKnown);
    const warm = await perSecond(isAllowed);
    // The first one warms up.
    if (round > 0) result.reference.push(reference);
    if (round > 0) result.warm.push(warm);
  }
}

async function perSecond(act: (input: VerifyInput) => boolean): Promise<number> {
  const drawn = Array.from({ length: perRound }, () => inputs[random.below(inputs.length)] as VerifyInput);
  const started = performance.now();
  for (let start = 0; start < perRound; start += together) {
    for (let at = start; at < start + together; at++) {
      if (!act(drawn[at] as VerifyInput)) throw new Error('A key that passes was not known.');
    }
    await nextTurn();
  }
  return perRound / ((performance.now() - started) / 1_000);
}

/** Each key once, by a verifier that knows none of them; by turns a tenth for the statement and a tenth for it. */
async function measureCold(): Promise<void> {
  const statement = openStatement();
  const peppers = services.peppers;
  const shuffled = inputs.map((input) => ({ input, at: random.fraction() })).sort((a, b) => a.at - b.at);
  const size = Math.floor(Math.min(shuffled.length, 200_000) / (2 * (order.rounds + 1)));
  const cold = open();
  // What it depends on besides the key is at hand.
  await cold.verify(shuffled.at(-1)?.input as VerifyInput);
  for (let round = 0; round <= order.rounds; round++) {
    const [forBare, forUs] = [2 * round, 2 * round + 1].map((turn) =>
      shuffled.slice(turn * size, (turn + 1) * size),
    );
    const bareStarted = performance.now();
    for (const { input } of forBare ?? []) {
      const hash = pepperedHash(peppers, 1, digestSecret(input.secret));
      if (statement.all(hash).length !== 1) throw new Error('A key that is there was not found.');
    }
    const coldStarted = performance.now();
    for (let start = 0; start < size; start += together) {
      const arrived = (forUs ?? []).slice(start, start + together);
      await Promise.all(arrived.map(({ input }) => cold.verify(input)));
    }
    const ended = performance.now();
    if (round > 0) result.coldBare.push(size / ((coldStarted - bareStarted) / 1_000));
    if (round > 0) result.cold.push(size / ((ended - coldStarted) / 1_000));
  }
}

function openStatement(): StatementSync {
  if (!('path' in config.database)) throw new Error('This is not SQLite.');
  const raw = new DatabaseSync(config.database.path, { readOnly: true });
  raw.exec('PRAGMA mmap_size = 1073741824; PRAGMA cache_size = -65536');
  let text = '';
  const { database } = services;
  prepareFindKeyRow(
    {
      ...database,
      prepareLists: (query) => {
        text = query.sql;
        return database.prepareLists(query);
      },
    },
    1,
  );
  return raw.prepare(text);
}
