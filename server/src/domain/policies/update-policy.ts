import { z } from 'zod';
import type { PolicyTable } from '../../database/schema.ts';
import { authorize } from '../access/authorize.ts';
import { changed, difference, unchanged } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import { checkRevision } from '../check-revision.ts';
import type { Ctx } from '../context.ts';
import type { Expected } from '../fields.ts';
import { type Versioned, versioned } from '../versioned.ts';
import { countKeysBeyond, mostKeysBeyond } from './count-keys-beyond.ts';
import {
  defaultRotationIntervalDays,
  findPolicies,
  type PolicyEnvironment,
  policySchema,
  presentPolicy,
  unsetPolicy,
} from './policy.ts';

function wholeNumber(from: number, to: number, orNull: string) {
  const error = `must be a whole number from ${from} to ${to}, or null: ${orNull}`;
  return z.number({ error }).int({ error }).min(from, { error }).max(to, { error }).nullable().optional();
}

const hundredYears = 100 * 365 * 24 * 60 * 60;
const limit = () => wholeNumber(0, 10_000_000, 'no limit');

export const updatePolicyInput = z
  .strictObject({
    longestLifetimeSeconds: wholeNumber(60, hundredYears, 'no limit'),
    maxKeysPerOrganization: limit(),
    maxKeysPerTeam: limit(),
    maxKeysPerApplication: limit(),
    rotationIntervalDays: wholeNumber(1, 3_650, `the default, ${defaultRotationIntervalDays}`),
  })
  .meta({ description: 'What is left out stays as it is: a rule goes away only by null.' });

export const updatedPolicySchema = policySchema.extend({
  keysBeyond: z
    .number()
    .int()
    .meta({
      description:
        'How many keys there are that never expire or expire later than a key made now may. The policy does not ' +
        `change them. Counted up to ${mostKeysBeyond}.`,
    }),
});

export type UpdatedPolicy = z.infer<typeof updatedPolicySchema>;

/** Sets rules for the keys made or given a new expiry from now on. @throws AppError `forbidden`, `precondition_failed`. */
export async function updatePolicy(
  ctx: Ctx,
  environment: PolicyEnvironment,
  input: z.infer<typeof updatePolicyInput> & Expected,
): Promise<Committed<Versioned<UpdatedPolicy>>> {
  authorize(ctx, 'policies:update');
  return transact(ctx, 'policy.updated', async (tx) => {
    const [row = unsetPolicy(ctx, environment)] = await findPolicies(ctx, tx, [environment]);
    checkRevision(row.revision, input.expectedRevision);
    const updated: PolicyTable = {
      ...row,
      longest_lifetime_seconds: keep(input.longestLifetimeSeconds, row.longest_lifetime_seconds),
      max_keys_per_organization: keep(input.maxKeysPerOrganization, row.max_keys_per_organization),
      max_keys_per_team: keep(input.maxKeysPerTeam, row.max_keys_per_team),
      max_keys_per_application: keep(input.maxKeysPerApplication, row.max_keys_per_application),
      rotation_interval_days: keep(input.rotationIntervalDays, row.rotation_interval_days),
      revision: row.revision + 1,
      updated_at: ctx.clock(),
    };
    const keysBeyond = await countKeysBeyond(ctx, tx, environment, updated.longest_lifetime_seconds);
    const present = (policy: PolicyTable) => {
      const { value, revision } = presentPolicy(policy);
      return versioned({ ...value, keysBeyond }, revision);
    };
    const fields = difference(rulesOf(row), rulesOf(updated));
    if (fields === undefined) return unchanged(present(row));
    await tx
      .insertInto('policy')
      .values(updated)
      .onConflict((conflict) => conflict.columns(['organization_id', 'environment']).doUpdateSet(updated))
      .execute();
    return changed(present(updated), { target: { kind: 'policy', id: environment }, ...fields });
  });
}

function keep(asked: number | null | undefined, current: number | null): number | null {
  return asked === undefined ? current : asked;
}

function rulesOf(row: PolicyTable) {
  const { environment: _environment, updatedAt: _updatedAt, ...rules } = presentPolicy(row).value;
  return rules;
}
