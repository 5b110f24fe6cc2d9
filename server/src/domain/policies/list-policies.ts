import { authorize } from '../access/authorize.ts';
import type { Ctx } from '../context.ts';
import type { Page } from '../list-page.ts';
import { findPolicies, type Policy, policyEnvironments, presentPolicy } from './policy.ts';

/** All four, for all environments first; those that were never set leave everything open. @throws AppError `forbidden`. */
export async function listPolicies(ctx: Ctx): Promise<Page<Policy>> {
  authorize(ctx, 'policies:read');
  const rows = await findPolicies(ctx, ctx.database.read, policyEnvironments);
  return { data: rows.map((row) => presentPolicy(row).value), nextCursor: null };
}
