import { z } from 'zod';
import { systemActor } from '../access/actor.ts';
import { changed } from '../audit/change.ts';
import { beginChain, type Committed, transact } from '../audit/transact.ts';
import type { Services } from '../context.ts';
import { nameField } from '../fields.ts';
import type { Versioned } from '../versioned.ts';
import { type Organization, presentOrganization } from './organization.ts';

export const brandField = z
  .string()
  .regex(/^[a-z][a-z0-9]{1,11}$/, {
    error: 'must have 2 to 12 lower-case letters and digits and begin with a letter',
  })
  .refine((brand) => brand !== 'kwm', { error: 'must not be kwm: that begins management keys' });

export const createOrganizationInput = z.strictObject({
  name: nameField(),
  brand: brandField.default('kw'),
});

/** Makes an organization, and begins its audit chain. Only from the command line: nobody is a member yet. */
export async function createOrganization(
  services: Services,
  request: { id: string },
  input: z.infer<typeof createOrganizationInput>,
): Promise<Committed<Versioned<Organization>>> {
  const id = services.newId('org');
  const ctx = {
    ...services,
    actor: systemActor,
    organizationId: id,
    request: { ...request, ip: null, userAgent: null },
  };
  return transact(
    ctx,
    'organization.created',
    async (tx) => {
      const now = ctx.clock();
      const row = {
        id,
        name: input.name,
        brand: input.brand,
        first_import_at: null,
        revision: 1,
        created_at: now,
        updated_at: now,
      };
      await tx.insertInto('organization').values(row).execute();
      await beginChain(tx, id);
      return changed(presentOrganization(row), {
        target: { kind: 'organization', id },
        before: null,
        after: { name: row.name, brand: row.brand },
      });
    },
    { chain: 'installation' },
  );
}
