import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../context.ts';
import type { Line, Part } from '../line.ts';
import { type Contestant, figuresOf, openBare, openKeywright, ratios, runRound } from '../load/contestant.ts';
import { writeRawRequests } from '../load/write-raw-requests.ts';
import { withSpread } from '../statistics.ts';

const peerServer = join(import.meta.dirname, '../load/peer-server.ts');
const manifest = join(import.meta.dirname, '../package.json');

const asked = 1_000;
/** About a quarter of them have ended, as in any such database. */
const filled = 1_500;
const seconds = 6;
const settings = { KEYWRIGHT_WORKERS: '1' };

type Storage = 'database' | 'secondary-storage';

/** `POST /v1/verify` from the cache beside what better-auth's API keys need for the same question. */
export async function benchPeer(bench: Bench): Promise<Part> {
  const { passing } = await bench.database('sqlite', filled);
  if (passing.length < asked) throw new Error(`Only ${passing.length} of ${filled} keys pass.`);
  const ours = await openKeywright(bench, { kind: 'sqlite', keys: filled, asked, settings });
  const bare = await openBare(bench, ours);
  const onDatabase = await openPeer(bench, 'database');
  const onStorage = await openPeer(bench, 'secondary-storage');
  const all = [bare, ours, onDatabase, onStorage];
  for (let round = 0; round < bench.rounds; round++) {
    for (const contestant of all) await runRound(contestant, { folder: bench.folder, seconds });
    bench.say(
      `side by side, round ${round + 1}: ${all.map((each) => each.rounds.at(-1)?.perSecond.toFixed(0)).join(' / ')}`,
    );
  }
  for (const { server } of all) await server.stop();
  return {
    title: 'Side by side with better-auth',
    about: describe(),
    header: 'requests a second, median of the rounds (least to most)',
    lines: [
      { what: 'bare server', figure: figuresOf(bare) },
      { what: 'Keywright, from the cache', figure: figuresOf(ours) },
      { what: 'better-auth with its database', figure: figuresOf(onDatabase) },
      { what: 'better-auth with its secondary storage', figure: figuresOf(onStorage) },
      inThoseOf(ours, onDatabase, 'its database'),
      inThoseOf(ours, onStorage, 'its secondary storage'),
    ],
  };
}

async function openPeer(bench: Bench, storage: Storage): Promise<Contestant> {
  const name = join(bench.folder, `peer-${storage}`);
  const server = await bench.start(
    [peerServer, storage, `${name}.db`, `${name}.json`, String(asked)],
    // Its setting `telemetry` does not hold against the variable.
    { NODE_ENV: 'production', BETTER_AUTH_TELEMETRY: '0' },
    0,
  );
  const secrets = JSON.parse(readFileSync(`${name}.json`, 'utf8')) as string[];
  const bodies = secrets.map((key) => JSON.stringify({ key }));
  const response = await fetch(server.url, { method: 'POST', body: bodies[0] ?? '' });
  const requests = writeRawRequests(`${name}-requests`, { path: '/', headers: [], bodies });
  return { server, requests, answer: await response.text(), expected: '{"valid":true', rounds: [] };
}

function inThoseOf(ours: Contestant, peer: Contestant, what: string): Line {
  return {
    what: `Keywright, in those of better-auth with ${what}`,
    figure: withSpread(ratios(ours, peer), 1),
  };
}

function describe(): string {
  const { dependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return `
One process on one core, the load generator on the other, 64 connections, ${asked} keys at random, SQLite in WAL mode.

The other is \`@better-auth/api-key\` ${dependencies['@better-auth/api-key']} with better-auth ${dependencies['better-auth']}: \`auth.api.verifyApiKey\` behind a
\`node:http\` handler that reads \`{ "key" }\` and answers as JSON what it is given. Its settings are chosen in its favour:

- \`NODE_ENV=production\`; telemetry off; its rate limit off, in the plugin and in each key; keys made by its own API, without
  \`remaining\`, permissions and expiry.
- The database is \`node:sqlite\` with its own migrations and \`synchronous = NORMAL\`. With \`FULL\`, which is what \`node:sqlite\` opens
  with and what Keywright keeps, each of its verifications would wait for the disk.
- Secondary storage is a \`Map\` in the process, the nearest that there is, without \`fallbackToDatabase\`, with which every
  verification would write to the database as well. Each key is another user's, because every verification reads
  and writes the list of the user's keys.
- \`deferUpdates\` is off, as it comes: in this version it does not defer the two writes to the database
  (https://github.com/better-auth/better-auth/issues/10921), and before a \`Map\` there is nothing to wait for; tried, it gained nothing.

They do not do the same:

- better-auth notes each use before it answers: with its database it reads the key and writes to it twice (\`lastRequest\` and
  \`updatedAt\`), with its secondary storage it reads three entries and writes three. Keywright gathers uses in memory and writes
  them every second, so that a crash loses the last of them; that work is in its figure.
- Keywright checks the key of whoever asks, finds the endpoint by method and path and compares the scopes that it
  demands, and the environment; better-auth was asked for none of it. It answers with the whole key.
- Revoked is revoked at the next verification in Keywright, which looks for changes before it answers from the cache, and in
  better-auth with its database, which has no cache. The \`Map\` is one process's alone, and its keys are gone with it.`.trim();
}
