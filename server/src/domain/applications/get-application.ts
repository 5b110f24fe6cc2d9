import { authorize } from '../access/authorize.ts';
import type { Ctx } from '../context.ts';
import type { Versioned } from '../versioned.ts';
import { type Application, findApplicationInOrganization, presentApplication } from './application.ts';

/** @throws AppError `forbidden`, `not_found`. */
export async function getApplication(ctx: Ctx, id: string): Promise<Versioned<Application>> {
  authorize(ctx, 'applications:read');
  return presentApplication(await findApplicationInOrganization(ctx, ctx.database.read, id));
}
