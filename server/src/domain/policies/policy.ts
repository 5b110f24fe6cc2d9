import { z } from 'zod';
import type { Reader } from '../../database/database.ts';
import type { PolicyTable } from '../../database/schema.ts';
import type { Ctx } from '../context.ts';
import { isoInstantOrNull } from '../fields.ts';
import { type Versioned, versioned } from '../versioned.ts';

/** A policy is for the keys of one environment, or for `all` of them. */
export const policyEnvironments = ['all', 'development', 'staging', 'production'] as const;
export type PolicyEnvironment = (typeof policyEnvironments)[number];

export const defaultRotationIntervalDays = 90;

const limit = (of: string) =>
  z
    .number()
    .int()
    .nullable()
    .meta({
      description: `How many keys ${of} may have, active and inactive together; null: no limit of this policy.`,
    });

export const policySchema = z
  .object({
    environment: z
      .enum(policyEnvironments)
      .meta({ description: 'Whose keys obey it. Where `all` says something too, both hold.' }),
    longestLifetimeSeconds: z
      .number()
      .int()
      .nullable()
      .meta({ description: 'How long a key may live, from its creation; null: no limit of this policy.' }),
    maxKeysPerOrganization: limit('the organization'),
    maxKeysPerTeam: limit('each team'),
    maxKeysPerApplication: limit('each application'),
    rotationIntervalDays: z.number().int().meta({ description: 'After how many days a secret is due.' }),
    updatedAt: z.string().nullable().meta({ description: 'null: this policy was never set.' }),
  })
  .meta({ id: 'Policy', description: 'Rules that keys obey.' });

export type Policy = z.infer<typeof policySchema>;

/** A policy that was never set has the revision 0 and leaves everything open. */
export function unsetPolicy(ctx: Ctx, environment: PolicyEnvironment): PolicyTable {
  return {
    organization_id: ctx.organizationId,
    environment,
    longest_lifetime_seconds: null,
    max_keys_per_organization: null,
    max_keys_per_team: null,
    max_keys_per_application: null,
    rotation_interval_days: null,
    revision: 0,
    updated_at: 0,
  };
}

export function presentPolicy(row: PolicyTable): Versioned<Policy> {
  const policy = {
    environment: row.environment,
    longestLifetimeSeconds: row.longest_lifetime_seconds,
    maxKeysPerOrganization: row.max_keys_per_organization,
    maxKeysPerTeam: row.max_keys_per_team,
    maxKeysPerApplication: row.max_keys_per_application,
    rotationIntervalDays: row.rotation_interval_days ?? defaultRotationIntervalDays,
    updatedAt: isoInstantOrNull(row.revision === 0 ? null : row.updated_at),
  };
  return versioned(policy, row.revision);
}

/** The policies for these environments, in their order; those never set as they then count. */
export async function findPolicies(
  ctx: Ctx,
  reader: Reader,
  environments: readonly PolicyEnvironment[],
): Promise<PolicyTable[]> {
  const rows = await reader
    .selectFrom('policy')
    .selectAll()
    .where('organization_id', '=', ctx.organizationId)
    .where('environment', 'in', [...environments])
    .execute();
  return environments.map(
    (environment) => rows.find((row) => row.environment === environment) ?? unsetPolicy(ctx, environment),
  );
}
