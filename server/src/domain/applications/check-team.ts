import type { Writer } from '../../database/database.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';

/** @throws AppError `invalid_request` for a team that is not the organization's. */
export async function checkTeam(ctx: Ctx, tx: Writer, teamId: string | null): Promise<void> {
  if (teamId === null) return;
  const team = await tx
    .selectFrom('team')
    .select('id')
    .where('organization_id', '=', ctx.organizationId)
    .where('id', '=', teamId)
    .executeTakeFirst();
  if (team !== undefined) return;
  throw new AppError('invalid_request', 'The request has a field that is not right.', {
    fields: [{ pointer: '/teamId', message: 'there is no team with this id; GET /v1/teams lists them' }],
  });
}
