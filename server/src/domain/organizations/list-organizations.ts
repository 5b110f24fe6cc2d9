import { z } from 'zod';
import { authorize } from '../access/authorize.ts';
import type { Ctx } from '../context.ts';
import { idBefore, type Page, pageQuery, toPage } from '../list-page.ts';
import { type Organization, presentOrganization } from './organization.ts';

export const listOrganizationsQuery = z.strictObject(pageQuery);

/** The organizations that the caller may see: a management key sees its own. @throws AppError `forbidden`. */
export async function listOrganizations(
  ctx: Ctx,
  query: z.infer<typeof listOrganizationsQuery>,
): Promise<Page<Organization>> {
  authorize(ctx, 'organizations:read');
  const select = ctx.database.read
    .selectFrom('organization')
    .selectAll()
    .where('id', '=', ctx.organizationId)
    .where('id', '<', idBefore(query))
    .orderBy('id', 'desc')
    .limit(query.limit + 1);
  return toPage(await select.execute(), query.limit, (row) => presentOrganization(row).value);
}
