/** One row of the change log: change `seq` concerned this subject. `kind` is free text: a newer program may write kinds that this one does not know. */
export type ChangeRow = { seq: number; kind: string; subject: string; organizationId: string };

/** Called synchronously, before anything is answered from a cache again. `everything`: keep nothing. */
export type CoherenceListener = (changes: readonly ChangeRow[] | 'everything') => void;

/** What tells caches when they may be used, and what they must forget. One a process; each database has its own way. */
export type Coherence = {
  /**
   * Synchronous. Whether what caches hold may be used for a verification that was received before this call.
   * SQLite: looks at the change counter first and applies what changed. PostgreSQL: whether the lease's deadline is
   * ahead by both clocks.
   * @throws UnavailableError on SQLite, where the database cannot be read.
   */
  isCurrent(): boolean;
  /** Grows whenever changes were applied or everything was dropped: what was read at another generation may be older than what was applied since. */
  generation(): number;
  /** Caches register. A kind that a cache does not know must make it forget everything. */
  onChange(listener: CoherenceListener): void;
  /** The database's clock as last seen, moved on by the own monotonic clock; epoch milliseconds; 0 where there is none of its own (SQLite). */
  databaseTime(): number;
  /** For health and metrics. `applied`: the newest change that was applied. */
  state(): { applied: number; leaseRemainingMs: number | null; epoch: string | null };
  close(): Promise<void>;
};
