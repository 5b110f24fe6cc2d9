import { z } from 'zod';
import { authorize } from '../access/authorize.ts';
import type { Ctx } from '../context.ts';
import { idBefore, type Page, pageQuery, toPage } from '../list-page.ts';
import { type ApiSummary, presentApiSummary } from './api.ts';
import { slugField } from './api-fields.ts';

export const listApisQuery = z.strictObject({ slug: slugField.optional(), ...pageQuery });

/** The organization's APIs, newest first, without their scopes and endpoints. @throws AppError `forbidden`. */
export async function listApis(ctx: Ctx, query: z.infer<typeof listApisQuery>): Promise<Page<ApiSummary>> {
  authorize(ctx, 'apis:read');
  let select = ctx.database.read
    .selectFrom('api')
    .selectAll()
    .select((eb) => [
      eb
        .selectFrom('scope')
        .whereRef('scope.api_id', '=', 'api.id')
        .select((count) => count.fn.countAll<number>().as('scopes'))
        .$asScalar()
        .$notNull()
        .as('scope_count'),
      eb
        .selectFrom('endpoint')
        .whereRef('endpoint.api_id', '=', 'api.id')
        .select((count) => count.fn.countAll<number>().as('endpoints'))
        .$asScalar()
        .$notNull()
        .as('endpoint_count'),
    ])
    .where('organization_id', '=', ctx.organizationId)
    .where('id', '<', idBefore(query))
    .orderBy('id', 'desc')
    .limit(query.limit + 1);
  if (query.slug !== undefined) select = select.where('slug', '=', query.slug);
  return toPage(await select.execute(), query.limit, presentApiSummary);
}
