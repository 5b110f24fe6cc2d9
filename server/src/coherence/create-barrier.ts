import { type LeaseRow, type Leases, type Look, leaseMarginMs } from '../database/coordination.ts';
import { UnavailableError } from '../lib/unavailable-error.ts';
import { createSilence, type Silence } from './silence.ts';
import { watchEpoch } from './watch-epoch.ts';

/** How many verifiers had to let go of the old state, and how long that took. */
export type Propagation = {
  verifiers: number;
  milliseconds: number;
  /** Where an operator chose availability: so many verifiers, which cannot be reached, may still use the old state … */
  staleVerifiers?: number;
  /** … until this instant (ISO 8601), by the database's clock. */
  staleUntil?: string;
};

/** The change is committed, and it is not known whether every verifier has let go of the old state. */
export class PropagationUnknownError extends Error {}

/**
 * Returns when no verifier uses a state from before change `seq`; undefined: from before any change that was committed
 * when this was called. @throws PropagationUnknownError.
 */
export type Barrier = (seq: number | undefined) => Promise<Propagation>;

/** Tests replace it. */
export type BarrierParts = { createSilence?: () => Silence };

const longestPauseMs = 50;
/** The wait is as fine as what it waits for: doubled pauses would add half again to it. */
const pauseGrowth = 1.3;

/**
 * Outside any transaction, looks at the lease table until every row in it has applied the change. One that stays silent
 * for as long as its lease is good is given up. So it ends within about a lease, and in milliseconds when all are well.
 */
export function createBarrier({ table, settings, timing }: Leases, parts: BarrierParts = {}): Barrier {
  const epochs = watchEpoch(table, timing, settings.leaseMs);

  /** The look that is under way, and the one after it: those who ask meanwhile share that, for it is sent after they asked. */
  let underWay: Promise<unknown> | undefined;
  let next: Promise<Look> | undefined;
  function lookNext(): Promise<Look> {
    if (next !== undefined) return next;
    if (underWay !== undefined) {
      next = underWay.then(() => {
        next = undefined;
        return lookNow();
      });
      return next;
    }
    return lookNow();
  }
  function lookNow(): Promise<Look> {
    const look = table.look();
    const isOver = look.then(
      () => undefined,
      () => undefined,
    );
    underWay = isOver;
    void isOver.then(() => {
      if (underWay === isOver) underWay = undefined;
    });
    return look;
  }

  return async (seq) => {
    const started = timing.monotonic();
    const silence = parts.createSilence?.() ?? createSilence(timing);
    let target = seq;
    let epoch: string | undefined;
    let heardAt = started;
    let isAwake = false;
    let pause = 1;
    for (;;) {
      // Sent before the first look, so that they go the same way at once.
      if (target !== undefined && !isAwake) {
        table.wake();
        isAwake = true;
      }
      const look = await lookOr(() => timing.monotonic() - heardAt);
      if (look !== undefined) {
        heardAt = timing.monotonic();
        target ??= look.seq;
        epoch ??= look.epoch;
        // The number may be one of the history before, and what it stood for lost.
        if (look.epoch !== epoch || look.seq < target)
          throw new PropagationUnknownError('The database is another one now.');
        const epochRest = epochs.remainingMs(look);
        const lagging = laggards(look, target);
        if (lagging.length === 0 && epochRest === 0) return propagation(look, started);
        const silent = lagging.filter((row) => silence.isOver(row));
        for (const row of silent) await removeOr(row);
        if (silent.length > 0) continue;
        const longest = Math.max(look.longestLeaseMs, settings.leaseMs);
        if (timing.monotonic() - started > patienceMs(longest)) {
          throw new PropagationUnknownError('Verifiers neither acknowledge nor stay silent.');
        }
      }
      await pauseOrAcknowledgement(pause);
      pause = Math.min(pauseGrowth * pause, longestPauseMs);
    }
  };

  /** A database that cannot be asked for so long that leases run out is not waited for any longer. */
  async function lookOr(unheardMs: () => number): Promise<Look | undefined> {
    try {
      return await lookNext();
    } catch (error) {
      if (error instanceof UnavailableError && unheardMs() < settings.leaseMs) return undefined;
      throw error instanceof UnavailableError ? new PropagationUnknownError(error.reason) : error;
    }
  }

  /** Done or not: the next look tells. */
  async function removeOr(row: LeaseRow): Promise<void> {
    try {
      await table.remove(row.verifierId, row.renewals);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
    }
  }

  function pauseOrAcknowledgement(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        ignore();
        resolve();
      };
      const cancel = timing.after(milliseconds, end);
      const ignore = table.onAcknowledged(end);
    });
  }

  function propagation(look: Look, started: number): Propagation {
    const milliseconds = Math.round((timing.monotonic() - started) * 10) / 10;
    const verifiers = look.rows.filter(({ staleUntil }) => staleUntil === null).length;
    const until = look.rows.flatMap(({ staleUntil }) =>
      staleUntil !== null && staleUntil > look.databaseTime ? [staleUntil] : [],
    );
    if (until.length === 0) return { verifiers, milliseconds };
    const staleUntil = new Date(Math.max(...until)).toISOString();
    return { verifiers, milliseconds, staleVerifiers: until.length, staleUntil };
  }
}

function laggards(look: Look, seq: number): LeaseRow[] {
  return look.rows.filter((row) => row.staleUntil === null && row.appliedSeq < seq);
}

/** An epoch to wait out, a lease to run out, and another of a verifier that came meanwhile. */
function patienceMs(longestLeaseMs: number): number {
  return 3 * (longestLeaseMs + leaseMarginMs(longestLeaseMs)) + 2_000;
}
