import { DatabaseSync } from 'node:sqlite';
import { openDatabase } from '../../server/src/database/open.ts';
import { readPepperFile } from '../../server/src/lib/pepper-file.ts';
import { digestSecret, pepperedHash } from '../../server/src/lib/peppers.ts';
import { prepareFindKeyRow } from '../../server/src/verification/find-key-row.ts';
import type { Bench } from '../context.ts';
import type { Part } from '../line.ts';
import { createSeededRandom } from '../seeded-random.ts';
import { median, withSpread } from '../statistics.ts';

const readsPerRound = 50_000;

/** The verification's query as the verifier runs it, beside the same text as a bare prepared statement. */
export async function benchPointRead(bench: Bench): Promise<Part> {
  const database = await bench.database('sqlite', bench.keys);
  if (!('path' in database.config.database)) throw new Error('This is not SQLite.');
  const { path } = database.config.database;
  const peppers = readPepperFile(database.config.pepperFile)?.peppers ?? new Map();
  const random = createSeededRandom('point read');
  const hashes = Array.from({ length: readsPerRound }, () => {
    const passing = database.passing[random.below(database.passing.length)];
    return pepperedHash(peppers, 1, digestSecret(passing?.secret ?? ''));
  });

  const opened = openDatabase({ path }, () => undefined);
  const raw = new DatabaseSync(path, { readOnly: true });
  raw.exec('PRAGMA mmap_size = 1073741824; PRAGMA cache_size = -65536');
  try {
    let text = '';
    prepareFindKeyRow(
      {
        ...opened,
        prepareLists: (query) => {
          text = query.sql;
          return opened.prepareLists(query);
        },
      },
      1,
    );
    const find = prepareFindKeyRow(opened, 1);
    const statement = raw.prepare(text);
    const ours: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round <= bench.rounds; round++) {
      const fast = await readsPerSecond(hashes, async (hash) => statement.all(hash)[0]);
      const own = await readsPerSecond(hashes, (hash) => find([hash]));
      // The first one warms up.
      if (round > 0) bare.push(fast);
      if (round > 0) ours.push(own);
    }
    const ratios = ours.map((value, index) => value / (bare[index] ?? Number.NaN));
    return {
      title: "The verification's query on SQLite",
      about: `One row of ${bench.keys} keys by the hash of its secret, with its key, application and profile, in process.`,
      header: 'reads a second, median of the rounds (least to most)',
      lines: [
        { what: 'prepared statement of `node:sqlite`', figure: withSpread(bare, 0) },
        { what: 'as the verifier reads', figure: withSpread(ours, 0) },
        {
          what: "share of the bare statement's",
          figure: withSpread(ratios, 2),
          target: 'at least 0.60',
          met: median(ratios) >= 0.6,
        },
      ],
    };
  } finally {
    raw.close();
    await opened.close();
  }
}

async function readsPerSecond(
  hashes: readonly string[],
  read: (hash: string) => Promise<unknown>,
): Promise<number> {
  const started = performance.now();
  for (const hash of hashes) {
    if ((await read(hash)) === undefined) throw new Error('A key that is there was not found.');
  }
  return hashes.length / ((performance.now() - started) / 1_000);
}
