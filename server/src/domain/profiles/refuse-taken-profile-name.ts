import type { Writer } from '../../database/database.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { nameKey } from '../fields.ts';

/**
 * Checked under the organization's lock, so that two callers cannot both find the name free.
 * @throws AppError `conflict`.
 */
export async function refuseTakenProfileName(
  ctx: Ctx,
  tx: Writer,
  name: string,
  exceptId?: string,
): Promise<void> {
  const taken = await tx
    .selectFrom('profile')
    .select('id')
    .where('organization_id', '=', ctx.organizationId)
    .where('name_key', '=', nameKey(name))
    .executeTakeFirst();
  if (taken === undefined || taken.id === exceptId) return;
  throw new AppError('conflict', 'Another profile has this name. Choose another name.', {
    fields: [{ pointer: '/name', message: 'is taken by another profile' }],
  });
}
