import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { UnavailableError } from '../lib/unavailable-error.ts';

/** A busy wait in node:sqlite stops the event loop: wait this long inside it, and the rest outside it. */
const busyTimeoutMs = 20;
/** How long a write waits for its turn, behind writers of this process and of others. */
export const longestWaitMs = 5_000;

/** SQLite's primary result codes that mean "not now" or "not here", and the name that goes into the log. */
const unavailableCodes = new Map([
  [5, 'busy'],
  [6, 'locked'],
  [7, 'out_of_memory'],
  [8, 'read_only'],
  [10, 'io_error'],
  [11, 'corrupt'],
  [13, 'disk_full'],
  [14, 'cannot_open'],
  [26, 'not_a_database'],
]);

export type SqliteConnection = {
  readonly handle: DatabaseSync;
  all(sql: string, parameters: readonly unknown[]): { rows: unknown[]; changes: bigint | undefined };
  prepare(sql: string, options?: { asLists: boolean }): (parameters: readonly unknown[]) => unknown[];
  exec(sql: string): void;
  /** `exec` that waits for other writers, until this instant of `performance.now()`, without stopping the event loop. */
  execPatiently(sql: string, until: number): Promise<void>;
  close(): void;
};

/** Opens one connection to the file with the house's settings, and a cache of its prepared statements. */
export function openSqliteConnection(path: string, options: { readOnly: boolean }): SqliteConnection {
  const handle = translating(
    () => new DatabaseSync(path, { readOnly: options.readOnly, timeout: busyTimeoutMs }),
  );
  const statements = new LRUCache<string, StatementSync>({ max: 500 });

  function statement(sql: string): StatementSync {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const made = handle.prepare(sql);
    statements.set(sql, made);
    return made;
  }

  return {
    handle,
    all: (sql, parameters) =>
      translating(() => {
        const prepared = statement(sql);
        if (prepared.columns().length > 0) {
          return { rows: prepared.all(...(parameters as SQLInputValue[])), changes: undefined };
        }
        const { changes } = prepared.run(...(parameters as SQLInputValue[]));
        return { rows: [], changes: BigInt(changes) };
      }),
    prepare: (sql, { asLists } = { asLists: false }) => {
      const prepared = translating(() => handle.prepare(sql));
      prepared.setReturnArrays(asLists);
      return (parameters) => translating(() => prepared.all(...(parameters as SQLInputValue[])));
    },
    exec: (sql) => translating(() => handle.exec(sql)),
    execPatiently: async (sql, until) => {
      for (let step = 1; ; step = Math.min(step * 2, 50)) {
        try {
          translating(() => handle.exec(sql));
          return;
        } catch (error) {
          if (!isBusy(error) || performance.now() >= until) throw error;
          await pause(step);
        }
      }
    },
    close: () => {
      if (handle.isOpen) handle.close();
    },
  };
}

function isBusy(error: unknown): boolean {
  return error instanceof UnavailableError && (error.reason === 'busy' || error.reason === 'locked');
}

function translating<Result>(action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    const code = (error as { errcode?: unknown }).errcode;
    const reason = typeof code === 'number' ? unavailableCodes.get(code & 0xff) : undefined;
    throw reason === undefined ? error : new UnavailableError(reason, { cause: error });
  }
}
