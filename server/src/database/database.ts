import type { CompiledQuery, Kysely, Transaction } from 'kysely';
import type { Leases } from './coordination.ts';
import type { ToLog } from './log-changes.ts';
import type { Tables } from './schema.ts';

/** A read outside any transaction, or one inside the transaction that is under way. */
export type Reader = Kysely<Tables>;
export type Writer = Transaction<Tables>;

/** One row of the change log. */
export type LoggedChange = { seq: number; kind: string; subject: string; organizationId: string };

/** The change log as one process on this file sees it: synchronous, because looking must not let anything else in between. */
export type LocalChanges = {
  /** The number of the newest change that is committed. */
  readPosition(): number;
  /** All changes after this one in their order; undefined: not all of them are there any more. */
  readAfter(seq: number): readonly LoggedChange[] | undefined;
};

/** One open database, SQLite or PostgreSQL: what every room above sees of it. */
export type Database = {
  readonly kind: 'sqlite' | 'postgres';
  /** Reads outside transactions. On SQLite a connection of its own, which never waits behind a write. */
  readonly read: Reader;
  /** Runs `change` in one write transaction; it is committed when this returns, and nothing of it is when it throws. */
  write<Result>(change: (tx: Writer) => Promise<Result>): Promise<Result>;
  /**
   * As `write`, for what may be lost with the machine's power (not with the process): nobody waits for the disk. For notes that are
   * written all the time, and that nothing rests on.
   */
  writeRelaxed<Result>(change: (tx: Writer) => Promise<Result>): Promise<Result>;
  /** Compiles once what the hot path runs on every call. The rows are as the driver gives them. */
  prepare<Row>(query: CompiledQuery<Row>): (parameters: readonly unknown[]) => Promise<readonly Row[]>;
  /** As `prepare`, each row as the list of its values: for many columns, naming each costs as much as reading them all. */
  prepareLists<Row extends readonly unknown[]>(
    query: CompiledQuery,
  ): (parameters: readonly unknown[]) => Promise<readonly Row[]>;
  /** Takes the row lock of the audit chain and answers its head: the writers of one chain queue here. */
  lockAuditHead(tx: Writer, chain: string): Promise<{ seq: number; hash: string } | undefined>;
  /** Takes the next number of the change counter, whose lock is held until the commit, and logs what changed under it. */
  logChanges(tx: Writer, change: ToLog): Promise<number>;
  /** Of SQLite, where the file is shared memory; undefined on PostgreSQL, which has leases instead. */
  readonly changes: LocalChanges | undefined;
  /** Of verifiers that keep what they read; undefined on SQLite, where each looks at the change counter itself. */
  readonly leases: Leases | undefined;
  close(): Promise<void>;
};
