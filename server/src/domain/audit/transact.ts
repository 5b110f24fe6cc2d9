import canonicalize from 'canonicalize';
import { appendChanges } from '../../coherence/append-changes.ts';
import { type Propagation, PropagationUnknownError } from '../../coherence/create-barrier.ts';
import { waitForVerifiers } from '../../coherence/wait-for-verifiers.ts';
import type { Writer } from '../../database/database.ts';
import type { AuditEventTable } from '../../database/schema.ts';
import { refuseEndedActor } from '../access/refuse-ended-actor.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { AuditAction } from './audit-actions.ts';
import type { Change, EventDetail } from './change.ts';
import { chainStart, hashEvent } from './hash-event.ts';
import { findReplay, recordIdempotency } from './idempotency.ts';

export type Committed<Result> = { result: Result; propagation: Propagation; replayed: boolean };

export type TransactOptions<Result> = {
  /** The chain that the events join: the organization's, or for what concerns all of them `installation`. */
  chain?: 'installation';
  /** For verbs that create: presents what an earlier call with the same Idempotency-Key made. */
  replay?: (tx: Writer, targetId: string) => Promise<Result>;
};

/**
 * The one way in which anything changes. In one transaction: locks the organization's audit head (so that the writers
 * of one organization queue here, and checks made inside hold), looks whether the actor was ended meanwhile, runs the
 * verb, appends its audit events to the chain, and last, because its row lock is what makes commit order and number order
 * the same, takes the change counter and writes the change log. Then waits until no verifier uses the old state.
 *
 * It waits also when there was nothing to change, and when the verb refused what it found (404, 409, 412 and their like): an earlier
 * call may have made the change and died before its verifiers had let go, and whoever repeats it must learn when it is over.
 * @throws AppError `propagation_unknown` where the wait cannot be ended; what was changed stays changed.
 */
export async function transact<Result>(
  ctx: Ctx,
  action: AuditAction,
  verb: (tx: Writer) => Promise<Change<Result>>,
  options: TransactOptions<Result> = {},
): Promise<Committed<Result>> {
  const chain = options.chain ?? ctx.organizationId;
  const outcome = await waitingIfRefused(ctx, async (tx) => {
    const head = await ctx.database.lockAuditHead(tx, chain);
    if (head === undefined) throw new AppError('not_found', 'There is no such organization.');
    await refuseEndedActor(ctx, tx);

    if (options.replay !== undefined) {
      const targetId = await findReplay(ctx, tx);
      if (targetId !== undefined) {
        return { result: await options.replay(tx, targetId), seq: undefined, replayed: true };
      }
    }
    const change = await verb(tx);
    if (!change.changed) return { result: change.result, seq: undefined, replayed: false };

    await appendEvents(ctx, tx, chain, head, action, change.events);
    if (options.replay !== undefined) await recordIdempotency(ctx, tx, change.events[0].target.id);
    const seq = await appendChanges(ctx.database, tx, change.subjects, ctx.organizationId, ctx.clock());
    return { result: change.result, seq, replayed: false };
  });
  const propagation = await waitOrSayUnknown(ctx, outcome.seq);
  return { result: outcome.result, propagation, replayed: outcome.replayed };
}

async function waitingIfRefused<Outcome>(
  ctx: Ctx,
  change: (tx: Writer) => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await ctx.database.write(change);
  } catch (error) {
    if (error instanceof AppError) await waitOrSayUnknown(ctx, undefined);
    throw error;
  }
}

async function waitOrSayUnknown(ctx: Ctx, seq: number | undefined): Promise<Propagation> {
  try {
    return await waitForVerifiers(ctx.database, seq);
  } catch (error) {
    if (!(error instanceof PropagationUnknownError)) throw error;
    throw new AppError(
      'propagation_unknown',
      'What was changed is changed, but it is not known yet whether every verifier has let go of the state before. Make the same call again: it is safe to repeat, and answers when that is over.',
      { cause: error },
    );
  }
}

async function appendEvents(
  ctx: Ctx,
  tx: Writer,
  chain: string,
  head: { seq: number; hash: string },
  action: AuditAction,
  details: readonly EventDetail[],
): Promise<void> {
  const rows: AuditEventTable[] = [];
  let { seq, hash } = head;
  for (const detail of details) {
    seq += 1;
    const event = {
      chain,
      seq,
      id: ctx.newId('evt'),
      at: ctx.clock(),
      actor_type: ctx.actor.type,
      actor_id: ctx.actor.id,
      action: detail.action ?? action,
      target_type: detail.target.type,
      target_id: detail.target.id,
      before: detail.before === null ? null : String(canonicalize(detail.before)),
      after: detail.after === null ? null : String(canonicalize(detail.after)),
      request_id: ctx.request.id,
      ip: ctx.request.ip,
      user_agent: ctx.request.userAgent,
    };
    hash = hashEvent(ctx.auditKey, hash, event);
    rows.push({ ...event, hash });
  }
  await tx.insertInto('audit_event').values(rows).execute();
  await tx.updateTable('audit_head').set({ seq, hash }).where('chain', '=', chain).execute();
}

/** Begins a chain: an organization's when it is made, the installation's at the first start. */
export async function beginChain(tx: Writer, chain: string): Promise<void> {
  await tx
    .insertInto('audit_head')
    .values({ chain, seq: 0, hash: chainStart })
    .onConflict((conflict) => conflict.column('chain').doNothing())
    .execute();
}
