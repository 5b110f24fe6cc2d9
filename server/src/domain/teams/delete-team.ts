import { authorize } from '../access/authorize.ts';
import { changed } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { findTeamInOrganization } from './team.ts';

/**
 * Deletes a team that owns no application any more: deleting must not quietly hand its applications to the admins.
 * @throws AppError `forbidden`, `not_found`, `conflict`.
 */
export async function deleteTeam(ctx: Ctx, id: string): Promise<Committed<{ id: string }>> {
  authorize(ctx, 'teams:delete');
  return transact(ctx, 'team.deleted', async (tx) => {
    const row = await findTeamInOrganization(ctx, tx, id);
    const owned = await tx
      .selectFrom('application')
      .select('id')
      .where('team_id', '=', id)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    if (owned !== undefined) {
      throw new AppError(
        'conflict',
        `This team still owns applications (${owned.id} is one). Give them to another team first.`,
      );
    }
    await tx.updateTable('application').set({ team_id: null }).where('team_id', '=', id).execute();
    await tx
      .deleteFrom('team')
      .where('organization_id', '=', ctx.organizationId)
      .where('id', '=', id)
      .execute();
    return changed({ id }, { target: { kind: 'team', id }, before: { name: row.name }, after: null });
  });
}
