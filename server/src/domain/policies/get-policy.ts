import { authorize } from '../access/authorize.ts';
import type { Ctx } from '../context.ts';
import type { Versioned } from '../versioned.ts';
import { findPolicies, type Policy, type PolicyEnvironment, presentPolicy, unsetPolicy } from './policy.ts';

/** One policy, with the revision that a change may name. @throws AppError `forbidden`. */
export async function getPolicy(ctx: Ctx, environment: PolicyEnvironment): Promise<Versioned<Policy>> {
  authorize(ctx, 'policies:read');
  const [row = unsetPolicy(ctx, environment)] = await findPolicies(ctx, ctx.database.read, [environment]);
  return presentPolicy(row);
}
