import type { Writer } from '../../database/database.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';

/**
 * The scopes of a key, each with the id of the API that it was granted for. A scope's name can go away and come back at another
 * API of the organization; what was granted for the one must not become a right at the other.
 */
export type ScopeGrants = Readonly<Record<string, string>>;

export function parseGrants(text: string): ScopeGrants {
  return JSON.parse(text) as ScopeGrants;
}

/**
 * Turns scope names into grants: a key's scopes must be scopes of APIs that its application is connected to. Those in `held` are
 * kept as they are, though an API may have let go of one meanwhile.
 * @throws AppError `scope_not_connected`, naming each scope that is not, and why.
 */
export async function grantScopes(
  ctx: Ctx,
  tx: Writer,
  applicationId: string,
  names: readonly string[],
  held: ScopeGrants = {},
): Promise<ScopeGrants> {
  const isHeld = (name: string) => Object.hasOwn(held, name);
  const asked = names.filter((name) => !isHeld(name));
  const known = asked.length === 0 ? [] : await readScopes(ctx, tx, applicationId, asked);
  const granted = new Map(known.filter((row) => row.connected !== null).map((row) => [row.name, row.api_id]));
  const fields = names.flatMap((name, index) => {
    if (isHeld(name) || granted.has(name)) return [];
    const row = known.find((candidate) => candidate.name === name);
    const message =
      row === undefined
        ? // What is no scope may be anything, a secret too: it is not repeated.
          'no API of this organization has this scope; GET /v1/apis/{id} lists what an API has'
        : `${name} is a scope of the API ${row.slug}, which the application is not connected to; connect it first`;
    return [{ pointer: `/scopes/${index}`, message }];
  });
  if (fields.length > 0) {
    throw new AppError(
      'scope_not_connected',
      "A key's scopes must be scopes of APIs that its application is connected to.",
      { fields },
    );
  }
  // Not `held[name] ?? …`: every object has a `constructor`, which is a name that a scope may have.
  return Object.fromEntries(
    names.map((name) => [name, (isHeld(name) ? held[name] : granted.get(name)) ?? '']),
  );
}

function readScopes(ctx: Ctx, tx: Writer, applicationId: string, names: readonly string[]) {
  return tx
    .selectFrom('scope')
    .innerJoin('api', 'api.id', 'scope.api_id')
    .leftJoin('connection', (join) =>
      join
        .onRef('connection.api_id', '=', 'scope.api_id')
        .on('connection.application_id', '=', applicationId),
    )
    .select(['scope.name', 'scope.api_id', 'api.slug', 'connection.api_id as connected'])
    .where('scope.organization_id', '=', ctx.organizationId)
    .where('scope.name', 'in', [...names])
    .execute();
}
