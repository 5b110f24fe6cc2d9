import { slugField } from '../domain/apis/api-fields.ts';
import { listApis } from '../domain/apis/list-apis.ts';
import type { Ctx } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';

/** An id has an underscore, which no slug has. */
export async function findApiId(ctx: Ctx, idOrSlug: string): Promise<string> {
  if (!slugField.safeParse(idOrSlug).success) return idOrSlug;
  const { data } = await listApis(ctx, { slug: idOrSlug, limit: 1 });
  if (data[0] === undefined) {
    throw new AppError('not_found', `There is no API with the slug ${idOrSlug}. See: keywright apis list`);
  }
  return data[0].id;
}
