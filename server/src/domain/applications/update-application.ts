import { z } from 'zod';
import type { Writer } from '../../database/database.ts';
import { authorize } from '../access/authorize.ts';
import { changed, difference, unchanged } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import { checkRevision } from '../check-revision.ts';
import type { Ctx } from '../context.ts';
import { type Expected, idField, nameField, nameKey } from '../fields.ts';
import { checkTeamKeyLimits } from '../policies/check-key-limits.ts';
import type { Versioned } from '../versioned.ts';
import {
  type Application,
  descriptionField,
  findApplicationInOrganization,
  presentApplication,
} from './application.ts';
import { checkTeam } from './check-team.ts';
import { hasProductionKeys } from './has-production-keys.ts';

export const updateApplicationInput = z.strictObject({
  title: nameField().optional(),
  description: descriptionField.optional(),
  teamId: idField('team', 'a team').nullable().optional(),
});

/**
 * Changes an application. To give it to another team one needs the right on both.
 * @throws AppError `forbidden`, `not_found`, `invalid_request`, `precondition_failed`, `key_limit_reached`.
 */
export async function updateApplication(
  ctx: Ctx,
  id: string,
  input: z.infer<typeof updateApplicationInput> & Expected,
): Promise<Committed<Versioned<Application>>> {
  return transact(ctx, 'application.updated', async (tx) => {
    const row = await findApplicationInOrganization(ctx, tx, id);
    authorize(ctx, 'applications:update', { teamId: row.team_id });
    checkRevision(row.revision, input.expectedRevision);
    const teamId = input.teamId === undefined ? row.team_id : input.teamId;
    if (teamId !== row.team_id) await allowMove(ctx, tx, id, row.team_id, teamId);
    const before = { title: row.title, description: row.description, teamId: row.team_id };
    const after = {
      title: input.title ?? row.title,
      description: input.description ?? row.description,
      teamId,
    };
    const fields = difference(before, after);
    if (fields === undefined) return unchanged(presentApplication(row));
    const updated = await tx
      .updateTable('application')
      .set({
        title: after.title,
        title_key: nameKey(after.title),
        description: after.description,
        team_id: teamId,
        revision: row.revision + 1,
        updated_at: ctx.clock(),
      })
      .where('organization_id', '=', ctx.organizationId)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    return changed(presentApplication(updated), { target: { kind: 'application', id }, ...fields });
  });
}

/**
 * Moving an application moves its keys. Without the second check a developer could take production keys out of a team in
 * which they may not touch them into one in which they may.
 */
async function allowMove(
  ctx: Ctx,
  tx: Writer,
  id: string,
  from: string | null,
  to: string | null,
): Promise<void> {
  authorize(ctx, 'applications:update', { teamId: to });
  await checkTeam(ctx, tx, to);
  if (to !== null) await checkTeamKeyLimits(ctx, tx, id, to);
  if (!(await hasProductionKeys(ctx, tx, id))) return;
  authorize(ctx, 'api_keys:production', { teamId: from });
  authorize(ctx, 'api_keys:production', { teamId: to });
}
