import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database, Writer } from '../database/database.ts';
import { createApiKeyUseWriter, movePepper, writeManagementKeyUses } from './write-uses.ts';

export type ApiKeyUse = {
  apiKeyId: string;
  organizationId: string;
  at: number;
  ip: string | null;
  userAgent: string | null;
  /** Of which gathering it is a part: as long as that goes on, it can be changed in place. */
  gathering: object;
};
/** What was used; it carries its own note, so that the next use need not look for it. */
export type UsedKey = { id: string; organizationId: string; lastUse: ApiKeyUse | null };
export type ManagementKeyUse = { managementKeyId: string; organizationId: string; at: number };
/** A secret that was presented while it stood under an older pepper, and its hash under the newest one. */
export type PepperMove = {
  table: 'secret' | 'management_key';
  id: string;
  oldHash: string;
  newHash: string;
  newVersion: number;
};

export type Uses = {
  /** `at`: epoch milliseconds. */
  apiKey: (key: UsedKey, at: number, ip: string | null, userAgent: string | null) => void;
  managementKey: (managementKeyId: string, organizationId: string, at: number) => void;
  movePepper: (move: PepperMove) => void;
  /** How many keys' uses, and moves to a newer pepper, are not written yet. */
  waiting: () => number;
  /** Writes what is gathered, and ends the timer. */
  close: () => Promise<void>;
};

const intervalMs = 1_000;
/**
 * Uses of so many keys wait together for up to ten intervals: among many keys most rows lie on pages of their own, and
 * a page that is written once for several of them costs a fifth.
 */
const many = 2_000;
const mostIntervals = 10;
const rowsPerTransaction = 200;
/** While the database cannot be written, this much is remembered; beyond it, uses of further keys go unrecorded. */
const mostRemembered = 200_000;

/**
 * Gathers who was used when, in memory, and writes it at most once a second: 100,000 verifications of one key are one
 * row written. What cannot be written is kept and tried again; a killed process loses the last second of it, of uses of
 * thousands of keys a second the last ten.
 */
export function createUses(database: Database, warn: (error: unknown) => void): Uses {
  const writeApiKeyUses = createApiKeyUseWriter();
  let apiKeys = new Map<string, ApiKeyUse>();
  let gathering = {};
  let managementKeys = new Map<string, ManagementKeyUse>();
  let moves = new Map<string, PepperMove>();
  let underWay: readonly Map<string, unknown>[] = [];
  let timer: NodeJS.Timeout | undefined;
  let intervals = 0;
  let writing: Promise<void> | undefined;

  function remember<Use>(map: Map<string, Use>, id: string, use: Use): void {
    if (map.size < mostRemembered || map.has(id)) map.set(id, use);
    timer ??= setTimeout(onInterval, intervalMs);
  }

  function onInterval(): void {
    intervals += 1;
    const mayWait = apiKeys.size > many && apiKeys.size < mostRemembered / 2 && intervals < mostIntervals;
    if (mayWait) timer = setTimeout(onInterval, intervalMs);
    else void flush();
  }

  async function flush(): Promise<void> {
    timer = undefined;
    intervals = 0;
    // What came in while a slow write was under way is not in it, and no later use need ever come to have it written.
    while (writing !== undefined) await writing;
    writing = write().finally(() => {
      writing = undefined;
    });
    await writing;
  }

  async function write(): Promise<void> {
    const batch = { apiKeys, managementKeys, moves };
    underWay = Object.values(batch);
    apiKeys = new Map();
    gathering = {};
    managementKeys = new Map();
    moves = new Map();
    try {
      await inPieces(batch.apiKeys, writeApiKeyUses);
      await inPieces(batch.managementKeys, writeManagementKeyUses);
      await inPieces(batch.moves, async (tx, found) => {
        for (const move of found) await movePepper(tx, move);
      });
    } catch (error) {
      warn(error);
      // What was used again meanwhile is newer.
      for (const [id, use] of batch.apiKeys) {
        if (!apiKeys.has(id)) remember(apiKeys, id, { ...use, gathering });
      }
      for (const [id, use] of batch.managementKeys)
        if (!managementKeys.has(id)) remember(managementKeys, id, use);
      for (const [id, move] of batch.moves) remember(moves, id, move);
    } finally {
      underWay = [];
    }
  }

  /**
   * Takes out of the map what was written, so that a failure in the middle repeats only the rest. In the order of ids: neighbours
   * share pages, and two nodes that write the same rows cannot wait for each other.
   */
  async function inPieces<Use>(map: Map<string, Use>, put: (tx: Writer, uses: Use[]) => Promise<unknown>) {
    const entries = [...map].sort(([a], [b]) => (a < b ? -1 : 1));
    for (let start = 0; start < entries.length; start += rowsPerTransaction) {
      const piece = entries.slice(start, start + rowsPerTransaction);
      await database.writeRelaxed((tx) =>
        put(
          tx,
          piece.map(([, use]) => use),
        ),
      );
      for (const [id] of piece) map.delete(id);
      // A write on SQLite keeps the process for some milliseconds: requests go in between.
      await nextTurn();
    }
  }

  return {
    apiKey: (key, at, ip, userAgent) => {
      const noted = key.lastUse;
      const use = noted !== null && noted.gathering === gathering ? noted : apiKeys.get(key.id);
      if (use === undefined) {
        key.lastUse = { apiKeyId: key.id, organizationId: key.organizationId, at, ip, userAgent, gathering };
        remember(apiKeys, key.id, key.lastUse);
        return;
      }
      // In place: to make and keep a new one each time would be most of what it costs.
      use.at = at;
      use.ip = ip;
      use.userAgent = userAgent;
      key.lastUse = use;
    },
    managementKey: (managementKeyId, organizationId, at) => {
      const use = managementKeys.get(managementKeyId);
      if (use === undefined)
        remember(managementKeys, managementKeyId, { managementKeyId, organizationId, at });
      else use.at = at;
    },
    movePepper: (move) => remember(moves, move.id, move),
    waiting: () => [apiKeys, managementKeys, moves, ...underWay].reduce((sum, map) => sum + map.size, 0),
    close: async () => {
      await writing;
      clearTimeout(timer);
      await flush();
      clearTimeout(timer);
    },
  };
}
