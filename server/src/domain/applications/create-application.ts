import { z } from 'zod';
import { authorize } from '../access/authorize.ts';
import { changed } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { idField, nameField, nameKey } from '../fields.ts';
import type { Versioned } from '../versioned.ts';
import {
  type Application,
  descriptionField,
  findApplicationInOrganization,
  presentApplication,
} from './application.ts';
import { checkTeam } from './check-team.ts';

export const createApplicationInput = z.strictObject({
  title: nameField(),
  description: descriptionField.default(''),
  teamId: idField('team', 'a team').nullable().default(null),
});

/** Makes an application; a developer only in a team of their own. @throws AppError `forbidden`, `invalid_request`. */
export async function createApplication(
  ctx: Ctx,
  input: z.infer<typeof createApplicationInput>,
): Promise<Committed<Versioned<Application>>> {
  authorize(ctx, 'applications:create', { teamId: input.teamId });
  return transact(
    ctx,
    'application.created',
    async (tx) => {
      await checkTeam(ctx, tx, input.teamId);
      const now = ctx.clock();
      const row = {
        id: ctx.newId('app'),
        organization_id: ctx.organizationId,
        team_id: input.teamId,
        title: input.title,
        title_key: nameKey(input.title),
        description: input.description,
        access_revision: 1,
        revision: 1,
        created_at: now,
        created_by: ctx.actor.id,
        updated_at: now,
        deleted_at: null,
      };
      await tx.insertInto('application').values(row).execute();
      return changed(presentApplication(row), {
        target: { kind: 'application', id: row.id },
        before: null,
        after: { title: row.title, description: row.description, teamId: row.team_id },
      });
    },
    { replay: async (tx, id) => presentApplication(await findApplicationInOrganization(ctx, tx, id)) },
  );
}
