import type { Writer } from '../../database/database.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';

/** @throws AppError `invalid_request` for a profile that is not the organization's. */
export async function checkProfile(ctx: Ctx, tx: Writer, profileId: string | null): Promise<void> {
  if (profileId === null) return;
  const row = await tx
    .selectFrom('profile')
    .select('id')
    .where('organization_id', '=', ctx.organizationId)
    .where('id', '=', profileId)
    .executeTakeFirst();
  if (row === undefined) {
    throw new AppError('invalid_request', 'The request has a field that is not right.', {
      fields: [{ pointer: '/profileId', message: 'there is no profile with this id' }],
    });
  }
}

/** The application that a new key is for. @throws AppError `invalid_request` where there is none. */
export async function findApplicationOfKey(ctx: Ctx, tx: Writer, applicationId: string) {
  const row = await tx
    .selectFrom('application')
    .select(['id', 'team_id'])
    .where('organization_id', '=', ctx.organizationId)
    .where('id', '=', applicationId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) {
    throw new AppError('invalid_request', 'The request has a field that is not right.', {
      fields: [{ pointer: '/applicationId', message: 'there is no application with this id' }],
    });
  }
  return row;
}
