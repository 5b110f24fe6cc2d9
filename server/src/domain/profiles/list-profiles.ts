import { z } from 'zod';
import { authorize } from '../access/authorize.ts';
import type { Ctx } from '../context.ts';
import { idBefore, type Page, pageQuery, toPage } from '../list-page.ts';
import { type Profile, presentProfile } from './profile.ts';

export const listProfilesQuery = z.strictObject(pageQuery);

/** The organization's profiles, newest first. @throws AppError `forbidden`. */
export async function listProfiles(
  ctx: Ctx,
  query: z.infer<typeof listProfilesQuery>,
): Promise<Page<Profile>> {
  authorize(ctx, 'profiles:read');
  const select = ctx.database.read
    .selectFrom('profile')
    .selectAll()
    .where('organization_id', '=', ctx.organizationId)
    .where('id', '<', idBefore(query))
    .orderBy('id', 'desc')
    .limit(query.limit + 1);
  return toPage(await select.execute(), query.limit, (row) => presentProfile(row).value);
}
