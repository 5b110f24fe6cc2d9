import type { Writer } from '../../database/database.ts';
import { authorize } from '../access/authorize.ts';
import { statusOf } from '../api-keys/api-key-status.ts';
import type { EventDetail, Subject } from '../audit/change.ts';
import { unchanged } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { findApplicationOrTombstone } from './application.ts';
import { selectKeysOfApplication } from './select-keys-of-application.ts';

/** More keys than these do not go in one transaction. */
const mostKeysAtOnce = 200;

export type DeletedApplication = { id: string; deletedApiKeys: number };

/**
 * Deletes an application, permanently, and with it its API keys, which are refused everywhere when this returns. Rows stay,
 * so that later attempts to use them are recognised. Already deleted: nothing to do.
 * @throws AppError `forbidden`, `not_found`, `application_has_keys` where there are more than can go at once.
 */
export async function deleteApplication(ctx: Ctx, id: string): Promise<Committed<DeletedApplication>> {
  return transact(ctx, 'application.deleted', async (tx) => {
    const row = await findApplicationOrTombstone(ctx, tx, id);
    const teamId = row.team_id;
    authorize(ctx, 'applications:delete', { teamId });
    if (row.deleted_at !== null) return unchanged({ id, deletedApiKeys: 0 });

    const keys = await findKeys(ctx, tx, id);
    for (const environment of new Set(keys.map((key) => key.environment))) {
      authorize(ctx, 'api_keys:delete', { teamId, environment });
    }
    if (keys.length > mostKeysAtOnce) throw await tooManyKeys(ctx, tx, id);

    const now = ctx.clock();
    if (keys.length > 0) {
      await tx
        .updateTable('api_key')
        .set((eb) => ({ deleted_at: now, updated_at: now, revision: eb('revision', '+', 1) }))
        .where('organization_id', '=', ctx.organizationId)
        .where(
          'id',
          'in',
          keys.map((key) => key.id),
        )
        .execute();
    }
    await tx
      .deleteFrom('connection')
      .where('organization_id', '=', ctx.organizationId)
      .where('application_id', '=', id)
      .execute();
    await tx
      .updateTable('application')
      .set({
        deleted_at: now,
        updated_at: now,
        revision: row.revision + 1,
        access_revision: row.access_revision + 1,
      })
      .where('organization_id', '=', ctx.organizationId)
      .where('id', '=', id)
      .execute();

    const application: Subject = { kind: 'application', id };
    const events: [EventDetail, ...EventDetail[]] = [
      {
        target: { type: 'application', id },
        before: { title: row.title, description: row.description, teamId },
        after: { deletedApiKeys: keys.length },
      },
      ...keys.map(
        (key): EventDetail => ({
          action: 'api_key.deleted',
          target: { type: 'api_key', id: key.id },
          before: { name: key.name, status: statusOf(key, now) },
          after: null,
        }),
      ),
    ];
    const subjects = keys.map((key): Subject => ({ kind: 'api_key', id: key.id }));
    return {
      changed: true,
      result: { id, deletedApiKeys: keys.length },
      events,
      subjects: [application, ...subjects],
    };
  });
}

/** The keys that would go, and one more where there are too many. */
function findKeys(ctx: Ctx, tx: Writer, applicationId: string) {
  return selectKeysOfApplication(ctx, tx, applicationId)
    .select([
      'api_key.id',
      'api_key.name',
      'api_key.environment',
      'api_key.revoked_at',
      'api_key.disabled_at',
      'api_key.expires_at',
    ])
    .orderBy('api_key.id')
    .limit(mostKeysAtOnce + 1)
    .execute();
}

async function tooManyKeys(ctx: Ctx, tx: Writer, applicationId: string): Promise<AppError> {
  const { keys } = await selectKeysOfApplication(ctx, tx, applicationId)
    .select((eb) => eb.fn.countAll<number>().as('keys'))
    .executeTakeFirstOrThrow();
  return new AppError(
    'application_has_keys',
    `This application has ${keys} API keys, and at most ${mostKeysAtOnce} can be deleted with it. ` +
      `Delete ${keys - mostKeysAtOnce} or more of them first.`,
  );
}
