import type { Writer } from '../../database/database.ts';
import type { SecretTable } from '../../database/schema.ts';
import { drawCheckedSecret, maskSecret } from '../../lib/checked-secret.ts';
import { digestSecret, pepperedHash } from '../../lib/peppers.ts';
import type { Ctx } from '../context.ts';
import { activePepperVersion } from '../peppers/active-pepper-version.ts';

const environmentInPrefix = { production: 'live', staging: 'stg', development: 'dev' } as const;

/**
 * Draws a secret `<brand>_<env>_<body><crc>` and the row that is stored of it: its peppered hash, and what may be shown.
 * The secret itself goes into the answer and nowhere else.
 */
export async function makeSecret(
  ctx: Ctx,
  tx: Writer,
  apiKey: { id: string; environment: keyof typeof environmentInPrefix },
): Promise<{ secret: string; row: SecretTable }> {
  const { brand } = await tx
    .selectFrom('organization')
    .select('brand')
    .where('id', '=', ctx.organizationId)
    .executeTakeFirstOrThrow();
  const prefix = `${brand}_${environmentInPrefix[apiKey.environment]}_`;
  const secret = drawCheckedSecret(prefix, ctx.random);
  const { masked, lastFour } = maskSecret(secret, prefix);
  const version = await activePepperVersion(ctx, tx);
  const row = {
    id: ctx.newId('sec'),
    organization_id: ctx.organizationId,
    api_key_id: apiKey.id,
    hash: pepperedHash(ctx.peppers, version, digestSecret(secret)),
    pepper_version: version,
    masked,
    last_four: lastFour,
    created_at: ctx.clock(),
    ends_at: null,
    ended_at: null,
  };
  return { secret, row };
}
