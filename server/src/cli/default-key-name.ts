import type { Ctx } from '../domain/context.ts';

/** The naming convention `<service_name>-<dd_mm_yyyy>-<hh_mm>`, in UTC, with the application's title for the service. */
export async function defaultKeyName(ctx: Ctx, applicationId: string): Promise<string> {
  const application = await ctx.database.read
    .selectFrom('application')
    .select('title')
    .where('organization_id', '=', ctx.organizationId)
    .where('id', '=', applicationId)
    .executeTakeFirst();
  const name = (application?.title ?? 'key')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 80);
  const [, year, month, day, hour, minute] =
    /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(new Date(ctx.clock()).toISOString()) ?? [];
  return `${name || 'key'}-${day}_${month}_${year}-${hour}_${minute}`;
}
