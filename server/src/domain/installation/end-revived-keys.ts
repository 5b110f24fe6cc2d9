import type { Writer } from '../../database/database.ts';
import type { AuditAction } from '../audit/audit-actions.ts';
import type { EventDetail, Subject } from '../audit/change.ts';
import { transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import type { RevivedKey } from './list-revived-keys.ts';

const pieceSize = 100;

const actionOf: Readonly<Record<RevivedKey['since'], AuditAction>> = {
  deleted: 'api_key.deleted',
  revoked: 'api_key.revoked',
  expired: 'api_key.updated',
  inactive: 'api_key.disabled',
  secret_ended: 'api_key.secret_ended',
};

/**
 * Ends again, at the instants at which they were ended, keys that a restored database would let live; with an audit
 * event for each in its organization's chain.
 */
export async function endRevivedKeys(ctx: Ctx, revived: readonly RevivedKey[]): Promise<void> {
  const byOrganization = Map.groupBy(revived, (key) => key.organizationId);
  for (const [organizationId, keys] of byOrganization) {
    for (let start = 0; start < keys.length; start += pieceSize) {
      await endPiece({ ...ctx, organizationId }, keys.slice(start, start + pieceSize));
    }
  }
}

async function endPiece(ctx: Ctx, keys: readonly RevivedKey[]): Promise<void> {
  const [first, ...others] = keys;
  if (first === undefined) return;
  await transact(ctx, 'api_key.revoked', async (tx) => {
    for (const key of keys) await end(ctx, tx, key);
    return {
      changed: true,
      result: undefined,
      events: [toEvent(first), ...others.map(toEvent)],
      subjects: [subjectOf(first), ...others.map(subjectOf)],
    };
  });
}

async function end(ctx: Ctx, tx: Writer, { kind, id, ends }: RevivedKey): Promise<void> {
  const { ended_at: endedAt, ...instants } = ends;
  if (kind === 'secret') {
    await tx
      .updateTable('secret')
      .set({ ended_at: endedAt ?? ctx.clock() })
      .where('organization_id', '=', ctx.organizationId)
      .where('id', '=', id)
      .execute();
    return;
  }
  if (kind === 'management_key') {
    await tx
      .updateTable('management_key')
      .set({ revoked_at: instants.revoked_at ?? ctx.clock() })
      .where('organization_id', '=', ctx.organizationId)
      .where('id', '=', id)
      .execute();
    return;
  }
  await tx
    .updateTable('api_key')
    .set((eb) => ({ ...instants, revision: eb('revision', '+', 1), updated_at: ctx.clock() }))
    .where('organization_id', '=', ctx.organizationId)
    .where('id', '=', id)
    .execute();
}

function subjectOf(key: RevivedKey): Subject {
  if (key.kind === 'management_key') return { kind: 'management_key', id: key.id };
  return { kind: 'api_key', id: key.apiKeyId ?? key.id };
}

function toEvent(key: RevivedKey): EventDetail {
  const { kind, id } = subjectOf(key);
  return {
    action: key.kind === 'management_key' ? 'management_key.revoked' : actionOf[key.since],
    target: { type: kind, id },
    before: null,
    after: {
      because: 'it was ended in the database that a restore replaced',
      ...(key.kind === 'secret' ? { secretId: key.id } : { status: key.since }),
    },
  };
}
