import { z } from 'zod';
import { authorize } from '../access/authorize.ts';
import { changed, difference, unchanged } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import { checkRevision } from '../check-revision.ts';
import type { Ctx } from '../context.ts';
import { type Expected, nameField, nameKey } from '../fields.ts';
import { jsonObjectField } from '../json-object-field.ts';
import type { Versioned } from '../versioned.ts';
import { findProfileInOrganization, type Profile, presentProfile } from './profile.ts';
import { refuseTakenProfileName } from './refuse-taken-profile-name.ts';

export const updateProfileInput = z.strictObject({
  name: nameField().optional(),
  settings: jsonObjectField.optional(),
});

/** Renames a profile, or replaces its settings as a whole. @throws AppError `forbidden`, `not_found`, `conflict`, `precondition_failed`. */
export async function updateProfile(
  ctx: Ctx,
  id: string,
  input: z.infer<typeof updateProfileInput> & Expected,
): Promise<Committed<Versioned<Profile>>> {
  authorize(ctx, 'profiles:update');
  return transact(ctx, 'profile.updated', async (tx) => {
    const row = await findProfileInOrganization(ctx, tx, id);
    checkRevision(row.revision, input.expectedRevision);
    const { name, settings } = presentProfile(row).value;
    const after = { name: input.name ?? name, settings: input.settings ?? settings };
    await refuseTakenProfileName(ctx, tx, after.name, id);
    const fields = difference({ name, settings }, after);
    if (fields === undefined) return unchanged(presentProfile(row));
    const updated = await tx
      .updateTable('profile')
      .set({
        name: after.name,
        name_key: nameKey(after.name),
        settings: JSON.stringify(after.settings),
        revision: row.revision + 1,
        updated_at: ctx.clock(),
      })
      .where('organization_id', '=', ctx.organizationId)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    return changed(presentProfile(updated), { target: { kind: 'profile', id }, ...fields });
  });
}
