import type { Writer } from '../../database/database.ts';
import { inChunks } from '../../lib/in-chunks.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';

/** Checked under the organization's lock, so that two callers cannot both find the slug free. @throws AppError `slug_taken`. */
export async function refuseTakenSlug(ctx: Ctx, tx: Writer, slug: string, exceptId?: string): Promise<void> {
  const taken = await tx
    .selectFrom('api')
    .select(['id', 'name'])
    .where('organization_id', '=', ctx.organizationId)
    .where('slug', '=', slug)
    .executeTakeFirst();
  if (taken === undefined || taken.id === exceptId) return;
  throw new AppError(
    'slug_taken',
    `The API ${taken.id} (${taken.name}) has this slug. Choose another slug.`,
    {
      fields: [{ pointer: '/slug', message: `is taken by the API ${taken.id}` }],
    },
  );
}

/**
 * Scope names are unique within an organization, because a key's scopes are written without an API. Checked under the
 * organization's lock.
 * @throws AppError `conflict`, naming each scope and the API that has it.
 */
export async function refuseTakenScopeNames(
  ctx: Ctx,
  tx: Writer,
  scopes: readonly { name: string }[],
  exceptApiId?: string,
): Promise<void> {
  const taken = new Map<string, string>();
  for (const chunk of inChunks(scopes, 500)) {
    const rows = await tx
      .selectFrom('scope')
      .innerJoin('api', 'api.id', 'scope.api_id')
      .select(['scope.name', 'scope.api_id', 'api.slug'])
      .where('scope.organization_id', '=', ctx.organizationId)
      .where(
        'scope.name',
        'in',
        chunk.map((scope) => scope.name),
      )
      .execute();
    for (const row of rows) if (row.api_id !== exceptApiId) taken.set(row.name, row.slug);
  }
  if (taken.size === 0) return;
  const fields = scopes.flatMap(({ name }, index) => {
    const slug = taken.get(name);
    if (slug === undefined) return [];
    return [
      {
        pointer: `/scopes/${index}/name`,
        message: `the API ${slug} has the scope ${name}; choose another name`,
      },
    ];
  });
  const [name, slug] = [...taken][0] ?? [];
  throw new AppError(
    'conflict',
    `Scope names are unique within an organization, and the API ${slug} has ${name} already. Choose another name, such as one that begins with this API's slug.`,
    { fields: fields.slice(0, 100) },
  );
}
