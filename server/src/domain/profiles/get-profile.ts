import { authorize } from '../access/authorize.ts';
import type { Ctx } from '../context.ts';
import type { Versioned } from '../versioned.ts';
import { findProfileInOrganization, type Profile, presentProfile } from './profile.ts';

/** @throws AppError `forbidden`, `not_found`. */
export async function getProfile(ctx: Ctx, id: string): Promise<Versioned<Profile>> {
  authorize(ctx, 'profiles:read');
  return presentProfile(await findProfileInOrganization(ctx, ctx.database.read, id));
}
