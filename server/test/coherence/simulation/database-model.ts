import type { LeaseRow, LeaseTable, LoggedChange, Told } from '../../../src/database/coordination.ts';
import type { Machine } from './machine.ts';
import { createNetwork, type Link, type Luck } from './network.ts';
import { createTransactions } from './transactions.ts';
import type { World } from './world.ts';

/** What is left out of the database, for variants. */
export type DatabaseFaults = {
  /** Numbers are taken when a change begins, as from a sequence, and not under a lock that is held until the commit. */
  numbersOutOfOrder?: true;
  /** The change log is trimmed without regard to who has read it. */
  trimsCarelessly?: true;
  /** A removal looks whether the row is as it was seen, and takes it away a little later, without holding it in between. */
  removesWithoutLock?: true;
  /** A renewal hands out anew although what was handed out before was never acknowledged. */
  renewsUnacknowledged?: true;
};

/** The state of an API key: of two, the one with the larger stamp is newer, whatever was restored in between. */
export type State = { stamp: number; isPresent: boolean };

type Row = Omit<LeaseRow, 'verifierId'> & { handedSeq: number };
type Committed = {
  seq: number;
  trimmedTo: number;
  log: LoggedChange[];
  rows: Map<string, Row>;
  states: Map<string, State>;
  settledEpoch: string;
  longestLeaseMs: number;
};

export type Connection = {
  table: LeaseTable;
  /** One statement, one snapshot. */
  read: (subject: string) => Promise<State | undefined>;
  /** Commits a change of this key; the answer is its number and the new state. */
  change: (subject: string, kind: string) => Promise<{ seq: number; state: State }>;
};

export type DatabaseModel = {
  connect: (machine: Machine, link: Link, patienceMs: number) => Connection;
  /** Every transaction under way is undone, every connection broken. What was committed stays. */
  restart: (downForMs: number) => void;
  takeBackup: () => void;
  /** Puts the backup in place while everybody runs; all it says counts as new. */
  restore: (downForMs: number) => void;
  trim: () => void;
  historyOf: (subject: string) => readonly State[];
  stateOf: (subject: string) => State;
};

export function createDatabaseModel(
  world: World,
  luck: Luck,
  subjects: readonly string[],
  faults: DatabaseFaults = {},
): DatabaseModel {
  const transactions = createTransactions(world);
  const { later, lock, lockAll } = transactions;
  const network = createNetwork(world, luck, transactions.life);
  let stamps = 0;
  const history = new Map<string, State[]>();
  const written = (subject: string, isPresent: boolean): State => {
    const state = { stamp: ++stamps, isPresent };
    history.set(subject, [...(history.get(subject) ?? []), state]);
    return state;
  };
  let epoch = 'epoch 1';
  let committed: Committed = {
    seq: 0,
    trimmedTo: 0,
    log: [],
    rows: new Map(),
    states: new Map(subjects.map((subject) => [subject, written(subject, true)])),
    settledEpoch: epoch,
    longestLeaseMs: 0,
  };
  let backup: Committed | undefined;
  let numbersTaken = 0;
  const listeners = new Set<{ onWake: () => void; machine: Machine; link: Link }>();

  const told = (seq = committed.seq): Told => ({
    epoch,
    seq,
    databaseTime: world.now(),
    isSettled: committed.settledEpoch === epoch,
    longestLeaseMs: committed.longestLeaseMs,
  });

  function end(downForMs: number): void {
    transactions.undoAll();
    epoch = `epoch ${transactions.life()}`;
    network.breakAll(downForMs);
  }

  function connect(machine: Machine, link: Link, patienceMs: number): Connection {
    const ask = network.connect(machine, link, patienceMs);

    /** Changes one row under its lock; the change is visible at the commit. */
    function changeRow<Answer>(
      id: string,
      change: (row: Row | undefined) => { answer: Answer; row?: Row | undefined } | Answer,
    ): Promise<Answer> {
      return ask<Answer>((answer) =>
        lock(id, (release) => {
          const made = change(committed.rows.get(id)) as { answer: Answer; row?: Row | undefined };
          later(luck.work(), () => {
            if (made.row !== undefined) committed.rows.set(id, made.row);
            else if ('row' in made) committed.rows.delete(id);
            release();
            answer(made.answer);
          });
        }),
      );
    }

    const here = new Set<() => void>();
    const acknowledged = new Set<() => void>();
    const table: LeaseTable = {
      register: ({ verifierId, leaseMs, graceMs, replaces }) =>
        ask((answer) => {
          const { seq } = committed;
          lockAll([...replaces, verifierId], (release) =>
            later(luck.work(), () => {
              for (const id of replaces) committed.rows.delete(id);
              const row = {
                renewals: 0,
                appliedSeq: seq,
                handedSeq: seq,
                leaseMs,
                graceMs,
                staleUntil: null,
              };
              committed.rows.set(verifierId, row);
              committed.longestLeaseMs = Math.max(committed.longestLeaseMs, leaseMs);
              release();
              answer(told(seq));
            }),
          );
        }),
      renew: (id) => {
        return ask((answer) => {
          // The statement's snapshot, from before it waits for the row.
          const { seq, trimmedTo } = committed;
          const log = committed.log.filter((change) => change.seq <= seq);
          lock(id, (release) => {
            const row = committed.rows.get(id);
            const isOpen = row?.handedSeq !== row?.appliedSeq && !faults.renewsUnacknowledged;
            if (row === undefined || isOpen) {
              release();
              return answer(undefined);
            }
            const changes = log.filter((change) => change.seq > row.appliedSeq);
            later(luck.work(), () => {
              committed.rows.set(id, { ...row, renewals: row.renewals + 1, handedSeq: seq });
              release();
              answer({ ...told(seq), appliedSeq: row.appliedSeq, trimmedTo, changes });
            });
          });
        });
      },
      acknowledge: async (id, seq) => {
        const isKnown = await changeRow<boolean>(id, (row) =>
          row?.handedSeq === seq ? { answer: true, row: { ...row, appliedSeq: seq } } : { answer: false },
        );
        for (const run of acknowledged) run();
        return isKnown;
      },
      leave: async (id) => {
        await changeRow<void>(id, () => ({ answer: undefined, row: undefined }));
      },
      look: () =>
        ask((answer) => {
          const rows = [...committed.rows].map(([verifierId, row]) => ({ verifierId, ...row }));
          const look = { ...told(), rows };
          later(luck.work(), () => answer(look));
        }),
      remove: (id, renewals) => {
        if (faults.removesWithoutLock) {
          return ask((answer) => {
            const isAsSeen = committed.rows.get(id)?.renewals === renewals;
            later(30 + luck.work(), () => {
              if (isAsSeen) committed.rows.delete(id);
              answer(undefined);
            });
          });
        }
        return changeRow<void>(id, (row) =>
          row?.renewals === renewals ? { answer: undefined, row: undefined } : { answer: undefined },
        );
      },
      settle: (name) =>
        ask((answer) => {
          if (name === epoch) committed.settledEpoch = name;
          answer(undefined);
        }),
      wake: () => {
        for (const run of here) run();
        void ask<void>((answer) => {
          for (const listener of listeners) {
            const isHeard = world.now() >= listener.link.wakeUpsCutUntil && !luck.losesWakeUp();
            if (isHeard) later(luck.transit(), () => listener.machine.whenAwake(listener.onWake));
          }
          answer();
        }).catch(() => undefined);
      },
      listen: (onWake) => {
        const listener = { onWake, machine, link };
        here.add(onWake);
        listeners.add(listener);
        return {
          close: async () => {
            here.delete(onWake);
            listeners.delete(listener);
          },
        };
      },
      onAcknowledged: (run) => {
        acknowledged.add(run);
        return () => acknowledged.delete(run);
      },
    };

    return {
      table,
      read: (subject) =>
        ask((answer) => {
          const state = committed.states.get(subject);
          later(luck.work(), () => answer(state));
        }),
      change: (subject, kind) =>
        ask((answer) => {
          const commit = (seq: number) => {
            const state = written(subject, kind !== 'api_key_gone');
            committed.seq = Math.max(committed.seq, seq);
            committed.log.push({ seq, kind, subject, organizationId: 'org_1' });
            committed.log.sort((a, b) => a.seq - b.seq);
            committed.states.set(subject, state);
            answer({ seq, state });
          };
          if (faults.numbersOutOfOrder) {
            numbersTaken = Math.max(numbersTaken, committed.seq) + 1;
            const seq = numbersTaken;
            return later(luck.work(), () => commit(seq));
          }
          lock('the counter', (release) =>
            later(luck.work(), () => {
              commit(committed.seq + 1);
              release();
            }),
          );
        }),
    };
  }

  return {
    connect,
    restart: end,
    takeBackup: () => {
      backup = { ...committed, log: [...committed.log], rows: new Map(committed.rows) };
      backup.states = new Map(committed.states);
    },
    restore: (downForMs) => {
      if (backup === undefined) return;
      end(downForMs);
      committed = { ...backup, log: [...backup.log], rows: new Map(backup.rows) };
      committed.states = new Map(
        [...backup.states].map(([subject, { isPresent }]) => [subject, written(subject, isPresent)]),
      );
      numbersTaken = committed.seq;
    },
    trim: () => {
      const applied = [...committed.rows.values()].map((row) => row.appliedSeq);
      const upTo = faults.trimsCarelessly ? committed.seq - 1 : Math.min(committed.seq, ...applied);
      committed.trimmedTo = Math.max(committed.trimmedTo, upTo);
      committed.log = committed.log.filter(({ seq }) => seq > committed.trimmedTo);
    },
    historyOf: (subject) => history.get(subject) ?? [],
    stateOf: (subject) => committed.states.get(subject) ?? { stamp: 0, isPresent: false },
  };
}
