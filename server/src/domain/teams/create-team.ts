import { z } from 'zod';
import { authorize } from '../access/authorize.ts';
import { changed } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { nameField, nameKey } from '../fields.ts';
import type { Versioned } from '../versioned.ts';
import { refuseTakenTeamName } from './refuse-taken-team-name.ts';
import { findTeamInOrganization, presentTeam, type Team } from './team.ts';

export const createTeamInput = z.strictObject({
  name: nameField(),
  mayTouchProductionKeys: z.boolean({ error: 'must be true or false' }).default(false),
});

/** Makes a team. @throws AppError `forbidden`, `conflict` (the name is taken). */
export async function createTeam(
  ctx: Ctx,
  input: z.infer<typeof createTeamInput>,
): Promise<Committed<Versioned<Team>>> {
  authorize(ctx, 'teams:create');
  return transact(
    ctx,
    'team.created',
    async (tx) => {
      await refuseTakenTeamName(ctx, tx, input.name);
      const now = ctx.clock();
      const row = {
        id: ctx.newId('team'),
        organization_id: ctx.organizationId,
        name: input.name,
        name_key: nameKey(input.name),
        production_granted_at: input.mayTouchProductionKeys ? now : null,
        revision: 1,
        created_at: now,
        updated_at: now,
      };
      await tx.insertInto('team').values(row).execute();
      return changed(presentTeam(row), {
        target: { kind: 'team', id: row.id },
        before: null,
        after: { name: row.name, mayTouchProductionKeys: input.mayTouchProductionKeys },
      });
    },
    { replay: async (tx, id) => presentTeam(await findTeamInOrganization(ctx, tx, id)) },
  );
}
