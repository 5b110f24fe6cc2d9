import { isIP } from 'node:net';
import { type CompiledQuery, sql } from 'kysely';
import type { Writer } from '../database/database.ts';
import { hideSecrets } from '../lib/hide-secrets.ts';
import type { ApiKeyUse, ManagementKeyUse, PepperMove } from './uses.ts';

/** Rows in a statement, the greatest that fits first: three statements, compiled once, serve any number of rows. */
const sizes = [200, 20, 1];

/** Makes the function that writes last uses of API keys; a newer one that is there already stays. */
export function createApiKeyUseWriter(): (tx: Writer, uses: readonly ApiKeyUse[]) => Promise<void> {
  const compiled = new Map<number, CompiledQuery>();
  return async (tx, uses) => {
    for (let start = 0; start < uses.length; ) {
      const size = sizes.find((each) => each <= uses.length - start) ?? 1;
      const rows = uses.slice(start, start + size).map(toRow);
      const query = compiled.get(size) ?? upsert(tx, rows).compile();
      compiled.set(size, query);
      await tx.executeQuery({ ...query, parameters: rows.flatMap((row) => Object.values(row)) });
      start += size;
    }
  };
}

/** The columns in the order in which Kysely names them: that of the first row. */
function toRow(use: ApiKeyUse) {
  return {
    api_key_id: use.apiKeyId,
    organization_id: use.organizationId,
    last_used_at: use.at,
    // What a caller says of its own client: no address, or a secret in it, is not kept.
    last_used_ip: isIP(use.ip ?? '') === 0 ? null : use.ip,
    last_used_user_agent: use.userAgent === null ? null : hideSecrets(use.userAgent),
  };
}

function upsert(tx: Writer, rows: readonly ReturnType<typeof toRow>[]) {
  return tx
    .insertInto('api_key_use')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .column('api_key_id')
        .doUpdateSet((eb) => ({
          last_used_at: eb.ref('excluded.last_used_at'),
          last_used_ip: eb.ref('excluded.last_used_ip'),
          last_used_user_agent: eb.ref('excluded.last_used_user_agent'),
        }))
        .where(sql<boolean>`excluded.last_used_at > api_key_use.last_used_at`),
    );
}

export function writeManagementKeyUses(tx: Writer, uses: readonly ManagementKeyUse[]) {
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
export function movePepper(tx: Writer, move: PepperMove) {
  return tx
    .updateTable(move.table)
    .set({ hash: move.newHash, pepper_version: move.newVersion })
    .where('id', '=', move.id)
    .where('hash', '=', move.oldHash)
    .execute();
}
