import type { Reader } from '../../database/database.ts';
import type { ApiKeyTable } from '../../database/schema.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Versioned } from '../versioned.ts';
import { type ApiKey, type LastUse, presentApiKey } from './api-key.ts';

/** With the team of the key's application, which decides who may touch it. */
export type ApiKeyRow = ApiKeyTable & { team_id: string | null };

/**
 * The row, a deleted key's tombstone too.
 * @throws AppError `not_found`, also for another organization's.
 */
export async function findApiKeyInOrganization(ctx: Ctx, reader: Reader, id: string): Promise<ApiKeyRow> {
  const row = await reader
    .selectFrom('api_key')
    .innerJoin('application', 'application.id', 'api_key.application_id')
    .selectAll('api_key')
    .select('application.team_id')
    .where('api_key.organization_id', '=', ctx.organizationId)
    .where('api_key.id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw notFound();
  return row;
}

/** @throws AppError `not_found` also for a deleted key. */
export async function findLivingApiKey(ctx: Ctx, reader: Reader, id: string): Promise<ApiKeyRow> {
  const row = await findApiKeyInOrganization(ctx, reader, id);
  if (row.deleted_at !== null) throw notFound();
  return row;
}

/** One key as the API shows it. */
export async function presentStoredApiKey(
  ctx: Ctx,
  reader: Reader,
  row: ApiKeyTable,
): Promise<Versioned<ApiKey>> {
  const [presented] = await presentStoredApiKeys(ctx, reader, [row]);
  if (presented === undefined) throw notFound();
  return presented;
}

/** Many keys as the API shows them, in three statements however many there are. */
export async function presentStoredApiKeys(
  ctx: Ctx,
  reader: Reader,
  rows: readonly ApiKeyTable[],
): Promise<Versioned<ApiKey>[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const secrets = await reader
    .selectFrom('secret')
    .select(['api_key_id', 'masked'])
    .where('api_key_id', 'in', ids)
    .orderBy('id')
    .execute();
  const uses = await reader.selectFrom('api_key_use').selectAll().where('api_key_id', 'in', ids).execute();
  // Of several secrets the newest is shown: it is the one to be used from now on.
  const newest = new Map(secrets.map((secret) => [secret.api_key_id, secret]));
  const lastUses = new Map<string, LastUse>(uses.map((use) => [use.api_key_id, use]));
  const now = ctx.clock();
  return rows.map((row) =>
    presentApiKey(row, newest.get(row.id) ?? { masked: '' }, lastUses.get(row.id), now),
  );
}

function notFound(): AppError {
  return new AppError('not_found', 'There is no API key with this id.');
}
