import { UnavailableError } from '../lib/unavailable-error.ts';
import type { HandOut, LeaseRow, LeaseTable, Listening, LoggedChange, Told } from './coordination.ts';
import { epochNow } from './epoch-now.ts';
import type { KeptConnection, Statement } from './kept-connection.ts';

/** More changes than this are cheaper to forget everything for. */
const mostChanges = 5_000;

/** Planned once a connection: to plan it takes longer than to run it. */
const named = (name: string, text: string): Statement => ({ name: `kw_lease_${name}`, text });

const clockNow = `(extract(epoch from clock_timestamp()) * 1000)::bigint`;
/**
 * Beside a row of `lease_epoch e` and the counter's number as `seq`. Each table of one row is asked for that row by its key:
 * the planner takes a new table for a long one, and would compile a plan (JIT) for longer than a lease can wait.
 */
const told = `${epochNow} as epoch, ${clockNow} as database_time, e.settled_epoch, e.longest_lease_ms`;

type ToldRow = {
  epoch: string | null;
  seq: number;
  database_time: number;
  settled_epoch: string | null;
  longest_lease_ms: number;
};

/** The old row goes in the statement that makes the new one: a barrier sees the one or the other. Those of long ago go too. */
const register = named(
  'register',
  `
  with gone as (
    delete from verifier_lease where verifier_id = any($4) or stale_until < ${clockNow}),
  longest as (
    update lease_epoch set longest_lease_ms = $2 where id = 1 and longest_lease_ms < $2),
  made as (
    insert into verifier_lease (verifier_id, renewals, handed_seq, applied_seq, lease_ms, grace_ms)
    select $1, 0, seq, seq, $2, $3 from change_counter where id = 1
    returning applied_seq as seq)
  select seq, ${told} from made, lease_epoch e where e.id = 1`,
);

/** One snapshot: the counter, and all that was logged up to it. A renewal hands out only when what was handed out before is acknowledged. */
const renew = named(
  'renew',
  `
  with renewed as (
    update verifier_lease l set renewals = l.renewals + 1, handed_seq = c.seq
    from change_counter c
    where c.id = 1 and l.verifier_id = $1 and l.handed_seq = l.applied_seq and l.stale_until is null
    returning c.seq, c.trimmed_to, l.applied_seq)
  select r.*, ${told}, case when r.seq > r.applied_seq then (
      select json_agg(json_build_array(seq, kind, subject, organization_id) order by seq)
      from (select * from change_log where seq > r.applied_seq order by seq limit ${mostChanges + 1}) as change
    ) end as changes
  from renewed r, lease_epoch e where e.id = 1`,
);

type RenewedRow = ToldRow & {
  trimmed_to: number;
  applied_seq: number;
  changes: [number, string, string, string][] | null;
};

/**
 * Its commit does not wait for the disk: an acknowledgement that a crash undoes only says less than is true, and the renewal
 * after it is refused. A registration or a renewal that was undone would be a lease that nobody knows of.
 */
const acknowledge = named(
  'acknowledge',
  `
  with light as (select set_config('synchronous_commit', 'off', true))
  update verifier_lease set applied_seq = handed_seq from light
  where verifier_id = $1 and handed_seq = $2 and stale_until is null returning 1`,
);

const look = named(
  'look',
  `
  select c.seq, ${told}, l.*
  from change_counter c join lease_epoch e on e.id = 1 left join verifier_lease l on true
  where c.id = 1`,
);

type LookRow = ToldRow &
  (
    | { verifier_id: null }
    | {
        verifier_id: string;
        renewals: number;
        applied_seq: number;
        lease_ms: number;
        grace_ms: number;
        stale_until: number | null;
      }
  );

const leave = named('leave', 'delete from verifier_lease where verifier_id = $1');

/** Waits for a renewal of this row that is under way, and then finds that there was one. */
const remove = named(
  'remove',
  `
  with given_up as (
    update verifier_lease set stale_until = ${clockNow} + grace_ms
    where verifier_id = $1 and renewals = $2 and grace_ms > 0 and stale_until is null)
  delete from verifier_lease where verifier_id = $1 and renewals = $2 and grace_ms = 0`,
);

const settle = named(
  'settle',
  `
  update lease_epoch set settled_epoch = $1 where id = 1 and settled_epoch is distinct from $1 and $1 = ${epochNow}`,
);

/** The other processes of all nodes; `wake` and `listen` of this one are joined here. */
export type WakeUps = {
  wake(): void;
  listen(onWake: () => void): Listening;
};

/**
 * Leases in PostgreSQL.
 * @param kept the verifier's own connection, so that no renewal waits behind other work
 * @param ask one statement on any connection, for barriers
 */
export function createPostgresLeases(
  kept: KeptConnection,
  ask: <Row>(statement: Statement, values?: readonly unknown[]) => Promise<readonly Row[]>,
  wakeUps: WakeUps,
): LeaseTable {
  const onAcknowledged = new Set<() => void>();
  return {
    register: async ({ verifierId, leaseMs, graceMs, replaces }) => {
      const rows = await kept.query<ToldRow>(register, [verifierId, leaseMs, graceMs, [...replaces]]);
      return toTold(rows[0]);
    },
    renew: async (verifierId) => {
      const [row] = await kept.query<RenewedRow>(renew, [verifierId]);
      return row && toHandOut(row);
    },
    acknowledge: async (verifierId, seq) => {
      const isDone = (await kept.query(acknowledge, [verifierId, seq])).length > 0;
      for (const run of onAcknowledged) run();
      return isDone;
    },
    leave: async (verifierId) => {
      await kept.query(leave, [verifierId]);
    },
    look: async () => {
      const rows = await ask<LookRow>(look);
      return { ...toTold(rows[0]), rows: rows.flatMap(toLeaseRow) };
    },
    remove: async (verifierId, renewals) => {
      await ask(remove, [verifierId, renewals]);
    },
    settle: async (epoch) => {
      await ask(settle, [epoch]);
    },
    wake: wakeUps.wake,
    listen: wakeUps.listen,
    onAcknowledged: (run) => {
      onAcknowledged.add(run);
      return () => onAcknowledged.delete(run);
    },
  };
}

/** @throws UnavailableError on a standby, which may lack what was committed. */
function toTold(row: ToldRow | undefined): Told {
  if (row === undefined) throw new UnavailableError('no_change_counter');
  if (row.epoch === null) throw new UnavailableError('in_recovery');
  return {
    epoch: row.epoch,
    seq: row.seq,
    databaseTime: row.database_time,
    isSettled: row.settled_epoch === row.epoch,
    longestLeaseMs: row.longest_lease_ms,
  };
}

function toHandOut(row: RenewedRow): HandOut {
  const changes = (row.changes ?? []).map(
    ([seq, kind, subject, organizationId]): LoggedChange => ({ seq, kind, subject, organizationId }),
  );
  return {
    ...toTold(row),
    appliedSeq: row.applied_seq,
    trimmedTo: row.trimmed_to,
    changes: changes.length > mostChanges ? 'too many' : changes,
  };
}

function toLeaseRow(row: LookRow): LeaseRow[] {
  if (row.verifier_id === null) return [];
  return [
    {
      verifierId: row.verifier_id,
      renewals: row.renewals,
      appliedSeq: row.applied_seq,
      leaseMs: row.lease_ms,
      graceMs: row.grace_ms,
      staleUntil: row.stale_until,
    },
  ];
}
