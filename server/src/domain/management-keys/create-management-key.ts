import { z } from 'zod';
import { type Action, actionNames, isAction } from '../access/actions.ts';
import type { Actor } from '../access/actor.ts';
import { authorize } from '../access/authorize.ts';
import { MissingScopeError } from '../access/missing-scope-error.ts';
import { changed } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { instantField, nameField } from '../fields.ts';
import { longestCreatorChain } from './authenticate-management-key.ts';
import { makeManagementSecret } from './make-management-secret.ts';
import {
  findManagementKeyInOrganization,
  type ManagementKey,
  presentManagementKey,
} from './management-key.ts';

export const createManagementKeyInput = z.strictObject({
  name: nameField(),
  scopes: z
    .array(
      z.string().refine((scope) => scope === '*' || isAction(scope), {
        error: `must be * or one of: ${actionNames.join(', ')}`,
      }),
      { error: 'must be a list of scopes, or ["*"] for all' },
    )
    .min(1, { error: 'must name at least one scope, or ["*"] for all' })
    .max(100, { error: 'must name at most 100 scopes' })
    .transform((scopes) => [...new Set(scopes)]),
  expiresAt: instantField.nullable().optional(),
});

export type CreatedManagementKey = { managementKey: ManagementKey; secret: string | null };

/**
 * Makes a management key; its secret is in the answer and nowhere else. A key made by a key can do no more than that
 * one can at the time it acts, and ends with it.
 * @throws AppError `forbidden` (also where it would grant what its maker does not hold), `invalid_request`.
 */
export async function createManagementKey(
  ctx: Ctx,
  input: z.infer<typeof createManagementKeyInput>,
): Promise<Committed<CreatedManagementKey>> {
  authorize(ctx, 'management_keys:create');
  refuseGrantingMore(ctx, input.scopes);
  const expiresAt = input.expiresAt == null ? null : Date.parse(input.expiresAt);
  if (expiresAt !== null && expiresAt <= ctx.clock()) {
    throw new AppError('invalid_request', 'The request has a field that is not right.', {
      fields: [{ pointer: '/expiresAt', message: 'must be in the future' }],
    });
  }
  return transact(
    ctx,
    'management_key.created',
    async (tx) => {
      const { secret, ...stored } = await makeManagementSecret(ctx, tx);
      const row = {
        id: ctx.newId('mk'),
        organization_id: ctx.organizationId,
        name: input.name,
        scopes: JSON.stringify(input.scopes),
        ...stored,
        expires_at: expiresAt,
        revoked_at: null,
        created_at: ctx.clock(),
        created_by: ctx.actor.id,
      };
      await tx.insertInto('management_key').values(row).execute();
      const managementKey = presentManagementKey({ ...row, last_used_at: null }, ctx.clock());
      return changed(
        { managementKey, secret: secret as string | null },
        {
          target: { kind: 'management_key', id: row.id },
          before: null,
          after: { name: row.name, scopes: input.scopes, expiresAt: managementKey.expiresAt },
        },
      );
    },
    {
      replay: async (tx, id) => ({
        managementKey: presentManagementKey(await findManagementKeyInOrganization(ctx, tx, id), ctx.clock()),
        secret: null,
      }),
    },
  );
}

function refuseGrantingMore(ctx: Ctx, scopes: readonly string[]): void {
  if (depthOf(ctx.actor) >= longestCreatorChain) {
    throw new AppError('forbidden', `Management keys make further ones at most ${longestCreatorChain} deep.`);
  }
  const asked: readonly Action[] = scopes.includes('*') ? actionNames : scopes.filter(isAction);
  const missing = asked.filter((action) => !holdsEverywhere(ctx.actor, action));
  if (missing.length === 0) return;
  throw new MissingScopeError('Nobody grants scopes that they do not hold.', missing, [
    { pointer: '/scopes', message: `you do not hold: ${missing.join(', ')}` },
  ]);
}

/** Whether every link of the chain carries the action. A member's own bounds are applied when the key acts. */
function holdsEverywhere(actor: Actor, action: Action): boolean {
  if (actor.type !== 'management_key') return true;
  return (actor.scopes === '*' || actor.scopes.has(action)) && holdsEverywhere(actor.creator, action);
}

function depthOf(actor: Actor): number {
  return actor.type === 'management_key' ? 1 + depthOf(actor.creator) : 0;
}
