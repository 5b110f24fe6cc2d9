import type { Writer } from '../../database/database.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';

/**
 * A key's scopes must be scopes of APIs that its application is connected to.
 * @throws AppError `scope_not_connected`, naming each scope that is not, and why.
 */
export async function checkScopes(
  ctx: Ctx,
  tx: Writer,
  applicationId: string,
  scopes: readonly string[],
): Promise<void> {
  if (scopes.length === 0) return;
  const known = await tx
    .selectFrom('scope')
    .innerJoin('api', 'api.id', 'scope.api_id')
    .leftJoin('connection', (join) =>
      join
        .onRef('connection.api_id', '=', 'scope.api_id')
        .on('connection.application_id', '=', applicationId),
    )
    .select(['scope.name', 'api.slug', 'connection.api_id as connected'])
    .where('scope.organization_id', '=', ctx.organizationId)
    .where('scope.name', 'in', [...scopes])
    .execute();
  const fields = scopes.flatMap((scope, index) => {
    const row = known.find((candidate) => candidate.name === scope);
    if (row !== undefined && row.connected !== null) return [];
    const message =
      row === undefined
        ? `no API of this organization has the scope ${scope}`
        : `${scope} is a scope of the API ${row.slug}, which the application is not connected to; connect it first`;
    return [{ pointer: `/scopes/${index}`, message }];
  });
  if (fields.length === 0) return;
  throw new AppError(
    'scope_not_connected',
    "A key's scopes must be scopes of APIs that its application is connected to.",
    {
      fields,
    },
  );
}

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
