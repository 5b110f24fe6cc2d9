import { isIP } from 'node:net';
import { sql } from 'kysely';
import type { Database, Writer } from '../database/database.ts';
import { hideSecrets } from '../lib/hide-secrets.ts';

export type ApiKeyUse = {
  apiKeyId: string;
  organizationId: string;
  at: number;
  ip: string | null;
  userAgent: string | null;
};
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
  apiKey: (use: ApiKeyUse) => void;
  managementKey: (use: ManagementKeyUse) => void;
  movePepper: (move: PepperMove) => void;
  /** Writes what is gathered, and ends the timer. */
  close: () => Promise<void>;
};

const intervalMs = 1_000;
const rowsPerTransaction = 200;
/** While the database cannot be written, this much is remembered; beyond it, uses of further keys go unrecorded. */
const mostRemembered = 100_000;

/**
 * Gathers who was used when, in memory, and writes it at most once a second: 100,000 verifications of one key are one
 * row written. What cannot be written is kept and tried again; a killed process loses the last second of it.
 */
export function createUses(database: Database, warn: (error: unknown) => void): Uses {
  let apiKeys = new Map<string, ApiKeyUse>();
  let managementKeys = new Map<string, ManagementKeyUse>();
  let moves = new Map<string, PepperMove>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;

  function remember<Use>(map: Map<string, Use>, id: string, use: Use): void {
    if (map.size < mostRemembered || map.has(id)) map.set(id, use);
    timer ??= setTimeout(() => void flush(), intervalMs);
  }

  async function flush(): Promise<void> {
    timer = undefined;
    // What came in while a slow write was under way is not in it, and no later use need ever come to have it written.
    while (writing !== undefined) await writing;
    writing = write().finally(() => {
      writing = undefined;
    });
    await writing;
  }

  async function write(): Promise<void> {
    const batch = { apiKeys, managementKeys, moves };
    apiKeys = new Map();
    managementKeys = new Map();
    moves = new Map();
    try {
      await inPieces(batch.apiKeys, (tx, uses) => writeApiKeyUses(tx, uses));
      await inPieces(batch.managementKeys, (tx, uses) => writeManagementKeyUses(tx, uses));
      await inPieces(batch.moves, async (tx, found) => {
        for (const move of found) await movePepper(tx, move);
      });
    } catch (error) {
      warn(error);
      // What was used again meanwhile is newer.
      for (const [id, use] of batch.apiKeys) if (!apiKeys.has(id)) remember(apiKeys, id, use);
      for (const [id, use] of batch.managementKeys)
        if (!managementKeys.has(id)) remember(managementKeys, id, use);
      for (const [id, move] of batch.moves) remember(moves, id, move);
    }
  }

  /** Takes out of the map what was written, so that a failure in the middle repeats only the rest. */
  async function inPieces<Use>(map: Map<string, Use>, put: (tx: Writer, uses: Use[]) => Promise<unknown>) {
    const entries = [...map];
    for (let start = 0; start < entries.length; start += rowsPerTransaction) {
      const piece = entries.slice(start, start + rowsPerTransaction);
      await database.write((tx) =>
        put(
          tx,
          piece.map(([, use]) => use),
        ),
      );
      for (const [id] of piece) map.delete(id);
    }
  }

  return {
    apiKey: (use) => remember(apiKeys, use.apiKeyId, use),
    managementKey: (use) => remember(managementKeys, use.managementKeyId, use),
    movePepper: (move) => remember(moves, move.id, move),
    close: async () => {
      await writing;
      clearTimeout(timer);
      await flush();
      clearTimeout(timer);
    },
  };
}

function writeApiKeyUses(tx: Writer, uses: readonly ApiKeyUse[]) {
  return tx
    .insertInto('api_key_use')
    .values(
      uses.map((use) => ({
        api_key_id: use.apiKeyId,
        organization_id: use.organizationId,
        last_used_at: use.at,
        // What a caller says of its own client: no address, or a secret in it, is not kept.
        last_used_ip: isIP(use.ip ?? '') === 0 ? null : use.ip,
        last_used_user_agent: use.userAgent === null ? null : hideSecrets(use.userAgent),
      })),
    )
    .onConflict((conflict) =>
      conflict
        .column('api_key_id')
        .doUpdateSet((eb) => ({
          last_used_at: eb.ref('excluded.last_used_at'),
          last_used_ip: eb.ref('excluded.last_used_ip'),
          last_used_user_agent: eb.ref('excluded.last_used_user_agent'),
        }))
        .where(sql<boolean>`excluded.last_used_at > api_key_use.last_used_at`),
    )
    .execute();
}

function writeManagementKeyUses(tx: Writer, uses: readonly ManagementKeyUse[]) {
  return tx
    .insertInto('management_key_use')
    .values(
      uses.map((use) => ({
        management_key_id: use.managementKeyId,
        organization_id: use.organizationId,
        last_used_at: use.at,
      })),
    )
    .onConflict((conflict) =>
      conflict
        .column('management_key_id')
        .doUpdateSet((eb) => ({ last_used_at: eb.ref('excluded.last_used_at') }))
        .where(sql<boolean>`excluded.last_used_at > management_key_use.last_used_at`),
    )
    .execute();
}

/** Only where the secret still stands as it was found: its verdict is the same before and after. */
function movePepper(tx: Writer, move: PepperMove) {
  return tx
    .updateTable(move.table)
    .set({ hash: move.newHash, pepper_version: move.newVersion })
    .where('id', '=', move.id)
    .where('hash', '=', move.oldHash)
    .execute();
}
