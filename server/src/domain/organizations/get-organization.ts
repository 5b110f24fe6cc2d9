import { authorize } from '../access/authorize.ts';
import type { Ctx } from '../context.ts';
import type { Versioned } from '../versioned.ts';
import { findOwnOrganization, type Organization, presentOrganization } from './organization.ts';

/** @throws AppError `forbidden`, `not_found`. */
export async function getOrganization(ctx: Ctx, id: string): Promise<Versioned<Organization>> {
  authorize(ctx, 'organizations:read');
  return presentOrganization(await findOwnOrganization(ctx, ctx.database.read, id));
}
