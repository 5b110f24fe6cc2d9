import { z } from 'zod';
import { authorize } from '../access/authorize.ts';
import { changed, difference, unchanged } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import { checkRevision } from '../check-revision.ts';
import type { Ctx } from '../context.ts';
import { type Expected, nameField } from '../fields.ts';
import type { Versioned } from '../versioned.ts';
import { brandField } from './create-organization.ts';
import { findOwnOrganization, type Organization, presentOrganization } from './organization.ts';

export const updateOrganizationInput = z.strictObject({
  name: nameField().optional(),
  brand: brandField
    .meta({ description: 'Begins secrets made from now on; those that exist stay as they are, and valid.' })
    .optional(),
});

/** Renames an organization, or changes how its new secrets begin. @throws AppError `forbidden`, `not_found`, `precondition_failed`. */
export async function updateOrganization(
  ctx: Ctx,
  id: string,
  input: z.infer<typeof updateOrganizationInput> & Expected,
): Promise<Committed<Versioned<Organization>>> {
  authorize(ctx, 'organizations:update');
  return transact(ctx, 'organization.updated', async (tx) => {
    const row = await findOwnOrganization(ctx, tx, id);
    checkRevision(row.revision, input.expectedRevision);
    const after = { name: input.name ?? row.name, brand: input.brand ?? row.brand };
    const fields = difference({ name: row.name, brand: row.brand }, after);
    if (fields === undefined) return unchanged(presentOrganization(row));
    const updated = await tx
      .updateTable('organization')
      .set({ ...after, revision: row.revision + 1, updated_at: ctx.clock() })
      .where('id', '=', ctx.organizationId)
      .returningAll()
      .executeTakeFirstOrThrow();
    return changed(presentOrganization(updated), { target: { kind: 'organization', id }, ...fields });
  });
}
