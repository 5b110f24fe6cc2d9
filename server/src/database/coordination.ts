import type { Timing } from '../lib/timing.ts';

/** A row of the change log, as a renewal hands it out. */
export type LoggedChange = { seq: number; kind: string; subject: string; organizationId: string };

/**
 * Where in its history the database is. `epoch` names the server's system identifier, timeline and start, the database,
 * the storage of the lease table, and the id that `restore` renews: numbers of two epochs cannot be compared.
 */
export type Position = { epoch: string; seq: number };

/** What each answer says beside what was asked for. */
export type Told = Position & {
  /** The database's clock, epoch milliseconds. */
  databaseTime: number;
  /** Whether somebody watched this epoch for a longest lease: no lease from an earlier one is held any more. */
  isSettled: boolean;
  /** The longest lease that was ever registered. */
  longestLeaseMs: number;
};

/** Asks for a lease under a new id. `replaces`: earlier ids of the same verifier, under which it holds nothing any more. */
export type Registration = {
  verifierId: string;
  leaseMs: number;
  graceMs: number;
  replaces: readonly string[];
};

/** What a renewal hands out. */
export type HandOut = Told & {
  /** What the row said was applied before. */
  appliedSeq: number;
  /** Rows of the change log up to this number are trimmed away. */
  trimmedTo: number;
  /** The rows after `appliedSeq`, in order; `too many` of them to be worth it. */
  changes: readonly LoggedChange[] | 'too many';
};

export type LeaseRow = {
  verifierId: string;
  renewals: number;
  appliedSeq: number;
  leaseMs: number;
  /** How much longer than its lease this verifier may answer from its cache while it cannot reach the database. */
  graceMs: number;
  /** Set: it was given up, and may be stale until this instant of the database's clock. Nobody waits for it. */
  staleUntil: number | null;
};

/** All that a barrier looks at, in one snapshot. */
export type Look = Told & { rows: readonly LeaseRow[] };

export type LeaseSettings = { leaseMs: number; graceMs: number };

export type Listening = { close: () => Promise<void> };

/**
 * Leases of verifiers, kept by PostgreSQL. Every method but `wake` and `listen` is one autocommitted statement, on the
 * primary: a standby is refused. @throws UnavailableError, after which it may have been done or not.
 */
export type LeaseTable = {
  register(registration: Registration): Promise<Told>;
  /** Undefined: there is no such row (any more), or an earlier hand-out was never acknowledged. */
  renew(verifierId: string): Promise<HandOut | undefined>;
  /** False: there is no such row, or that is not what was handed out. */
  acknowledge(verifierId: string, seq: number): Promise<boolean>;
  leave(verifierId: string): Promise<void>;
  look(): Promise<Look>;
  /** Gives a verifier up if it has not renewed since; waits for a renewal that is under way. */
  remove(verifierId: string, renewals: number): Promise<void>;
  /** Records that this epoch was watched for a longest lease; nothing happens if it is another one by now. */
  settle(epoch: string): Promise<void>;
  /** Tells verifiers to renew now. May be lost; costs only time then. Never fails, nobody waits for it. */
  wake(): void;
  /** Calls `onWake` for each wake-up, of this process's too, until closed. */
  listen(onWake: () => void): Listening;
  /** Calls `run` whenever this process has acknowledged something; the answer ends that. */
  onAcknowledged(run: () => void): () => void;
};

/** A database's leases with what it was opened with. */
export type Leases = { table: LeaseTable; settings: LeaseSettings; timing: Timing };

/** For a longest lease after an epoch began somebody may still hold one from before; both clocks may go wrong by so much in it. */
export function leaseMarginMs(leaseMs: number): number {
  return Math.max(20, leaseMs / 20);
}
