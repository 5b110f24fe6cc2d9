import { z } from 'zod';
import { authorize } from '../access/authorize.ts';
import { changed } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { nameField, nameKey } from '../fields.ts';
import { jsonObjectField } from '../json-object-field.ts';
import type { Versioned } from '../versioned.ts';
import { findProfileInOrganization, type Profile, presentProfile } from './profile.ts';
import { refuseTakenProfileName } from './refuse-taken-profile-name.ts';

export const createProfileInput = z.strictObject({ name: nameField(), settings: jsonObjectField });

/** Makes a profile. @throws AppError `forbidden`, `conflict` (the name is taken). */
export async function createProfile(
  ctx: Ctx,
  input: z.infer<typeof createProfileInput>,
): Promise<Committed<Versioned<Profile>>> {
  authorize(ctx, 'profiles:create');
  return transact(
    ctx,
    'profile.created',
    async (tx) => {
      await refuseTakenProfileName(ctx, tx, input.name);
      const now = ctx.clock();
      const row = {
        id: ctx.newId('prof'),
        organization_id: ctx.organizationId,
        name: input.name,
        name_key: nameKey(input.name),
        settings: JSON.stringify(input.settings),
        revision: 1,
        created_at: now,
        created_by: ctx.actor.id,
        updated_at: now,
      };
      await tx.insertInto('profile').values(row).execute();
      return changed(presentProfile(row), {
        target: { kind: 'profile', id: row.id },
        before: null,
        after: { name: row.name, settings: input.settings },
      });
    },
    { replay: async (tx, id) => presentProfile(await findProfileInOrganization(ctx, tx, id)) },
  );
}
