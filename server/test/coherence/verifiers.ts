import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { appendChanges } from '../../src/coherence/append-changes.ts';
import type { ChangeRow, Coherence } from '../../src/coherence/coherence.ts';
import { holdLease } from '../../src/coherence/hold-lease.ts';
import type { LeaseSettings } from '../../src/database/coordination.ts';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { createIdSource } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';

export type Verifier = {
  database: Database;
  coherence: Coherence;
  /** What it was told to forget, in order. */
  told: (readonly ChangeRow[] | 'everything')[];
  warnings: unknown[];
  close: () => Promise<void>;
};

/** A verifier as a node has one, on a PostgreSQL that is there, in this process. */
export function openVerifier(
  url: string,
  settings: LeaseSettings = { leaseMs: 1_000, graceMs: 0 },
): Verifier {
  const database = openDatabase({ url }, () => undefined, settings);
  assert.ok(database.leases);
  const told: Verifier['told'] = [];
  const warnings: unknown[] = [];
  const coherence = holdLease(database.leases, {
    newId: createIdSource(Date.now, systemRandom),
    warn: (error) => warnings.push(error),
  });
  coherence.onChange((changes) => told.push(changes));
  return {
    database,
    coherence,
    told,
    warnings,
    close: async () => {
      await coherence.close();
      await database.close();
    },
  };
}

/** Commits one change of an API key, as `transact` does. */
export function change(database: Database, subject: string): Promise<number> {
  return database.write((tx) => appendChanges(database, tx, [{ kind: 'api_key', id: subject }], 'org_1', 0));
}

export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const started = performance.now(); !(await holds()); await pause(5)) {
    assert.ok(performance.now() - started < 20_000, `${what} has not come about within 20 s.`);
  }
}
