import { type HandOut, type Leases, leaseMarginMs, type Told } from '../database/coordination.ts';
import type { NewId } from '../lib/ids.ts';
import type { ChangeRow, Coherence, CoherenceListener } from './coherence.ts';
import { createDeadline, type Deadline, type Moment } from './deadline.ts';
import { watchEpoch } from './watch-epoch.ts';

type HeldLease = {
  id: string;
  epoch: string;
  applied: number;
  /** Applied, and it is not known whether the database knows. */
  unacknowledged: boolean;
};

/** What this verifier is for the lease table: its name and its parts, some of which tests replace. */
export type LeaseHolder = {
  newId: NewId;
  /** Once for each time in a row that the database could not be used, and for what is a bug. */
  warn: (error: unknown) => void;
  deadline?: Deadline;
};

/** So many ids of registrations that were never answered are remembered, to be taken away by the next. */
const mostAbandoned = 100;

/**
 * Keeps the caches of this process true on PostgreSQL: they may be used while the lease's deadline is ahead. Every third
 * of a lease, or when woken, the verifier renews: it is handed what changed, applies it, acknowledges, and only then moves
 * its deadline, to a lease after the moment before it asked. Where the row is gone, or the database is not the one that it
 * was, it drops everything and registers under a new id.
 */
export function holdLease({ table, settings, timing }: Leases, holder: LeaseHolder): Coherence {
  const { leaseMs, graceMs } = settings;
  const deadline = holder.deadline ?? createDeadline(timing, leaseMs - leaseMarginMs(leaseMs) + graceMs);
  const epochs = watchEpoch(table, timing, leaseMs);
  const listeners: CoherenceListener[] = [];
  let generation = 0;
  let lease: HeldLease | undefined;
  let abandoned: string[] = [];
  let database = { time: 0, seenAt: 0 };
  let isClosed = false;
  let isWoken = false;
  let wait: { end: () => void } | undefined;

  function tell(changes: readonly ChangeRow[] | 'everything'): void {
    generation += 1;
    for (const listener of listeners) listener(changes);
  }

  function note(told: Told): void {
    database = { time: told.databaseTime, seenAt: timing.monotonic() };
    epochs.remainingMs(told);
  }

  function moveDeadline(sent: Moment): void {
    if (!isClosed) deadline.move(sent);
  }

  /** Everything is dropped before it is sent: the old row goes with it. And again: a change may have been committed, and its
   * caller answered, between the number that we are told and the row's being there to be waited for. */
  async function register(): Promise<void> {
    deadline.pass();
    if (lease !== undefined) abandoned.push(lease.id);
    lease = undefined;
    tell('everything');
    const id = holder.newId('vrf');
    const replaces = abandoned.slice(-mostAbandoned);
    abandoned = [...replaces, id];
    const sent = deadline.now();
    const told = await table.register({ verifierId: id, leaseMs, graceMs, replaces });
    tell('everything');
    abandoned = [];
    lease = { id, epoch: told.epoch, applied: told.seq, unacknowledged: false };
    note(told);
    moveDeadline(sent);
  }

  async function renew(held: HeldLease): Promise<void> {
    if (held.unacknowledged && !(await acknowledge(held))) return register();
    const sent = deadline.now();
    const handed = await table.renew(held.id);
    if (handed === undefined || !continues(held, handed)) return register();
    note(handed);
    if (handed.seq > held.applied) {
      tell(whatChanged(held, handed));
      held.applied = handed.seq;
      if (!(await acknowledge(held))) return register();
    }
    moveDeadline(sent);
  }

  async function acknowledge(held: HeldLease): Promise<boolean> {
    held.unacknowledged = true;
    const isKnown = await table.acknowledge(held.id, held.applied);
    held.unacknowledged = !isKnown;
    return isKnown;
  }

  let failed = false;
  async function step(): Promise<void> {
    try {
      await (lease === undefined ? register() : renew(lease));
      failed = false;
    } catch (error) {
      if (!failed && !isClosed) holder.warn(error);
      failed = true;
    }
  }

  async function run(): Promise<void> {
    while (!isClosed) {
      const begun = timing.monotonic();
      isWoken = false;
      await step();
      if (isClosed) return;
      if (isWoken && !failed) continue;
      // After a failure soon again: each verification reads the database meanwhile, or is refused.
      const pause = begun + leaseMs / (failed ? 10 : 3) - timing.monotonic();
      await new Promise<void>((resolve) => {
        const cancel = timing.after(Math.max(1, pause), resolve);
        wait = {
          end: () => {
            cancel();
            resolve();
          },
        };
      });
    }
  }

  const running = run();
  const listening = table.listen(() => {
    isWoken = true;
    if (!failed) wait?.end();
  });

  return {
    isCurrent: () => deadline.isAhead(),
    generation: () => generation,
    onChange: (listener) => {
      listeners.push(listener);
    },
    databaseTime: () => (database.time === 0 ? 0 : database.time + timing.monotonic() - database.seenAt),
    state: () => ({
      applied: lease?.applied ?? 0,
      leaseRemainingMs: deadline.remainingMs(),
      epoch: lease?.epoch ?? null,
    }),
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      deadline.pass();
      wait?.end();
      await listening.close();
      await running;
      // Nobody need wait for it any more. Where this fails, the next call that changes something waits a lease, once.
      if (lease !== undefined) await table.leave(lease.id).catch(() => undefined);
    },
  };
}

/** Whether the answer is of the history that this verifier has followed, and goes on where it stopped. */
function continues(held: HeldLease, handed: HandOut): boolean {
  return handed.epoch === held.epoch && handed.appliedSeq === held.applied && handed.seq >= held.applied;
}

function whatChanged(held: HeldLease, handed: HandOut): readonly ChangeRow[] | 'everything' {
  if (handed.changes === 'too many' || held.applied < handed.trimmedTo) return 'everything';
  return handed.changes;
}
