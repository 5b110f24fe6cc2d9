import type { Reader } from '../../database/database.ts';
import type { Ctx } from '../context.ts';
import { findPolicies, type PolicyEnvironment } from './policy.ts';

type Environment = Exclude<PolicyEnvironment, 'all'>;

/** At most `most` living keys for each `per`. One of `all` counts keys of every environment, another its own environment's. */
export type KeyLimit = {
  per: 'organization' | 'team' | 'application';
  setBy: PolicyEnvironment;
  most: number;
};

export type EffectivePolicy = { longestLifetimeSeconds: number | null; limits: readonly KeyLimit[] };

/**
 * What the policy for all environments and the environment's own demand together of a new key: the shorter lifetime,
 * and every limit of either.
 */
export async function effectivePolicy(
  ctx: Ctx,
  reader: Reader,
  environment: Environment,
): Promise<EffectivePolicy> {
  const policies = await findPolicies(ctx, reader, ['all', environment]);
  const lifetimes = policies
    .map((policy) => policy.longest_lifetime_seconds)
    .filter((seconds) => seconds !== null);
  const limits = policies.flatMap((policy) => {
    const all = [
      { per: 'organization', setBy: policy.environment, most: policy.max_keys_per_organization },
      { per: 'team', setBy: policy.environment, most: policy.max_keys_per_team },
      { per: 'application', setBy: policy.environment, most: policy.max_keys_per_application },
    ] as const;
    return all.flatMap(({ most, ...limit }) => (most === null ? [] : [{ ...limit, most }]));
  });
  return { longestLifetimeSeconds: lifetimes.length === 0 ? null : Math.min(...lifetimes), limits };
}
