import { z } from 'zod';
import { authorize } from '../access/authorize.ts';
import { changed, difference, unchanged } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import { checkRevision } from '../check-revision.ts';
import type { Ctx } from '../context.ts';
import { type Expected, nameField, nameKey } from '../fields.ts';
import type { Versioned } from '../versioned.ts';
import { refuseTakenTeamName } from './refuse-taken-team-name.ts';
import { findTeamInOrganization, presentTeam, type Team } from './team.ts';

export const updateTeamInput = z.strictObject({
  name: nameField().optional(),
  mayTouchProductionKeys: z.boolean({ error: 'must be true or false' }).optional(),
});

/** Renames a team, or gives or takes its grant. @throws AppError `forbidden`, `not_found`, `conflict`, `precondition_failed`. */
export async function updateTeam(
  ctx: Ctx,
  id: string,
  input: z.infer<typeof updateTeamInput> & Expected,
): Promise<Committed<Versioned<Team>>> {
  authorize(ctx, 'teams:update');
  return transact(ctx, 'team.updated', async (tx) => {
    const row = await findTeamInOrganization(ctx, tx, id);
    checkRevision(row.revision, input.expectedRevision);
    const name = input.name ?? row.name;
    await refuseTakenTeamName(ctx, tx, name, id);
    const granted = input.mayTouchProductionKeys ?? row.production_granted_at !== null;
    const fields = difference(
      { name: row.name, mayTouchProductionKeys: row.production_granted_at !== null },
      { name, mayTouchProductionKeys: granted },
    );
    if (fields === undefined) return unchanged(presentTeam(row));
    const updated = await tx
      .updateTable('team')
      .set({
        name,
        name_key: nameKey(name),
        production_granted_at: granted ? (row.production_granted_at ?? ctx.clock()) : null,
        revision: row.revision + 1,
        updated_at: ctx.clock(),
      })
      .where('organization_id', '=', ctx.organizationId)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    return changed(presentTeam(updated), { target: { kind: 'team', id }, ...fields });
  });
}
