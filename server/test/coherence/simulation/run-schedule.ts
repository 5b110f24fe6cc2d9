import { createCoherentCache } from '../../../src/coherence/coherent-cache.ts';
import { createBarrier, PropagationUnknownError } from '../../../src/coherence/create-barrier.ts';
import { createDeadline } from '../../../src/coherence/deadline.ts';
import { holdLease } from '../../../src/coherence/hold-lease.ts';
import { leaseMarginMs } from '../../../src/database/coordination.ts';
import { UnavailableError } from '../../../src/lib/unavailable-error.ts';
import { randomFromSeed } from '../../random-from-seed.ts';
import { type Connection, createDatabaseModel } from './database-model.ts';
import { drawSchedule } from './draw-schedule.ts';
import { createMachine, type Machine } from './machine.ts';
import type { Link } from './network.ts';
import type { Entry, EntryCache, Variant } from './variant.ts';
import { createWorld } from './world.ts';

export type Outcome = {
  violations: string[];
  /** Verifications that were answered, and of these from the cache; refused ones; those still under way at the end. */
  answered: number;
  fromCache: number;
  refused: number;
  /** Of verifications received when nothing had gone wrong for a while: refused, or read anew without a lease. */
  lostWhenWell: number;
  /** Changing calls that returned, that answered "unknown" or "unavailable", and that never ended though they could have. */
  returned: number;
  unknown: number;
  hung: number;
  longestWaitMs: number;
  events: number;
};

type Verifier = {
  machine: Machine;
  link: Link;
  connection: Connection;
  isCurrent: () => boolean;
  cache: EntryCache;
};

/**
 * One schedule, the same for the same seed: real verifiers and real callers on a modelled database, while everything
 * goes wrong. What was returned is noted in true time, and no verification received after it may use an older state.
 */
export async function runSchedule(seed: number, variant: Variant = {}): Promise<Outcome> {
  const random = randomFromSeed(seed);
  const schedule = drawSchedule(random);
  const world = createWorld();
  const { luck } = schedule;
  const database = createDatabaseModel(
    world,
    luck(() => world.now() < schedule.calmAt),
    schedule.subjects,
    variant.database,
  );
  const outcome: Outcome = {
    violations: [],
    answered: 0,
    fromCache: 0,
    refused: 0,
    lostWhenWell: 0,
    returned: 0,
    unknown: 0,
    hung: 0,
    longestWaitMs: 0,
    events: 0,
  };
  /** The oldest state that may be used of each key. */
  const owed = new Map<string, number>();
  const verifiers: Verifier[] = [];
  /** Who made a call that has not ended. */
  const waiting = new Set<Machine>();
  let ids = 0;

  function startVerifier(leaseMs: number): void {
    const name = `v${verifiers.length}`;
    const machine = createMachine(world, name, schedule.clockRate());
    const link = { cutUntil: 0, wakeUpsCutUntil: 0 };
    const connection = database.connect(machine, link, leaseMs);
    const table = variant.verifierTable?.(connection.table) ?? connection.table;
    const { timing } = machine;
    const validMs = leaseMs - leaseMarginMs(leaseMs);
    const coherence = holdLease(
      { table, settings: { leaseMs, graceMs: 0 }, timing },
      {
        newId: () => variant.newId?.(name) ?? `${name}-${++ids}`,
        warn: (error) => {
          if (!(error instanceof UnavailableError)) throw error;
        },
        deadline: variant.deadline?.(timing, validMs) ?? createDeadline(timing, validMs),
      },
    );
    const cache = (variant.cache ?? createCoherentCache<Entry>)(
      variant.coherence?.(coherence, connection.table) ?? coherence,
      {
        maxBytes: 3,
        maxAbsent: 2,
        sizeOf: () => 1,
        subjectOf: ({ id }) => id,
        forgets: ({ kind, subject }) => (kind === 'a kind to come' ? 'everything' : { subject }),
        absentMayAppear: () => true,
      },
    );
    verifiers.push({ machine, link, connection, isCurrent: coherence.isCurrent, cache });
  }

  /** Received now; looked at when the process runs. */
  function verify(verifier: Verifier, subject: string): void {
    const oldest = owed.get(subject) ?? 0;
    const receivedAt = world.now();
    const isWell = receivedAt >= schedule.wellAt;
    verifier.machine.whenAwake(async () => {
      try {
        if (isWell && !verifier.isCurrent()) outcome.lostWhenWell += 1;
        const known = verifier.isCurrent() ? verifier.cache.peek(subject) : undefined;
        const found =
          known !== undefined ? known : await verifier.cache.load(subject, () => read(verifier, subject));
        outcome.answered += 1;
        if (known !== undefined) outcome.fromCache += 1;
        const isOld =
          found === null
            ? !database.historyOf(subject).some((state) => state.stamp >= oldest && !state.isPresent)
            : found.stamp < oldest;
        if (isOld) {
          const used = found === null ? 'absent' : `state ${found.stamp}`;
          outcome.violations.push(
            `${verifier.machine.name} received ${subject} at ${receivedAt.toFixed(1)} and used ${used}; owed was ${oldest}` +
              `${known !== undefined ? ', from its cache' : ''}`,
          );
        }
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error;
        outcome.refused += 1;
        if (isWell) outcome.lostWhenWell += 1;
      }
    });
  }

  async function read({ connection }: Verifier, subject: string): Promise<Entry | undefined> {
    const state = await connection.read(subject);
    return state?.isPresent ? { id: subject, stamp: state.stamp } : undefined;
  }

  /** A call that changes a key, or (`kind` undefined) finds that somebody has; it has returned when its barrier has. */
  function call(place: Caller, subject: string, kind: string | undefined): void {
    place.machine.whenAwake(async () => {
      const begun = world.now();
      waiting.add(place.machine);
      try {
        const { seq, state } =
          kind === undefined
            ? { seq: undefined, state: await place.connection.read(subject) }
            : await place.connection.change(subject, kind);
        if (schedule.diesBeforeWaiting()) place.machine.kill();
        if (place.machine.isDead()) return void place.callAgain();
        await place.barrier(seq);
        owed.set(subject, Math.max(owed.get(subject) ?? 0, state?.stamp ?? 0));
        outcome.returned += 1;
        outcome.longestWaitMs = Math.max(outcome.longestWaitMs, world.now() - begun);
        for (const verifier of verifiers) {
          world.at(world.now(), () => verify(verifier, subject));
          world.at(world.now() + 5, () => verify(verifier, subject));
        }
      } catch (error) {
        if (!(error instanceof UnavailableError || error instanceof PropagationUnknownError)) throw error;
        outcome.unknown += 1;
        place.callAgain();
      } finally {
        waiting.delete(place.machine);
      }
    });
  }

  type Caller = Pick<Verifier, 'machine' | 'connection'> & {
    barrier: ReturnType<typeof createBarrier>;
    callAgain: () => void;
  };
  const barriers = new Map<Machine, Caller['barrier']>();

  function openCaller(
    { machine, connection }: Pick<Verifier, 'machine' | 'connection'>,
    subject: string,
  ): Caller {
    let barrier = barriers.get(machine);
    if (barrier === undefined) {
      const table = variant.callerTable?.(connection.table) ?? connection.table;
      const settings = { leaseMs: schedule.leaseMs, graceMs: 0 };
      const real = createBarrier(
        { table, settings, timing: machine.timing },
        variant.barrierParts?.(machine.timing),
      );
      barrier = variant.barrier?.(real) ?? real;
      barriers.set(machine, barrier);
    }
    // Whoever is told "unknown", or nothing, asks again, from elsewhere.
    const callAgain = () =>
      world.at(world.now() + schedule.beforeAskingAgain(), () => call(command(subject), subject, undefined));
    return { machine, connection, barrier, callAgain };
  }

  function command(subject: string): Caller {
    const machine = createMachine(world, 'command', schedule.clockRate());
    const link = { cutUntil: 0, wakeUpsCutUntil: 0 };
    return openCaller(
      { machine, connection: database.connect(machine, link, 2 * schedule.leaseMs) },
      subject,
    );
  }

  for (const leaseMs of schedule.leases) startVerifier(leaseMs);
  const some = (index: number) => verifiers[index % verifiers.length] as Verifier;
  for (const event of schedule.events) {
    world.at(event.at, () => {
      const verifier = some(event.verifier);
      const { machine, link } = verifier;
      const until = world.now() + event.forMs;
      switch (event.what) {
        case 'verify':
          return verify(verifier, event.subject);
        case 'change': {
          const caller =
            event.byCommand || machine.isDead()
              ? command(event.subject)
              : openCaller(verifier, event.subject);
          return call(caller, event.subject, event.kind);
        }
        case 'pause':
        case 'suspend':
          return machine.standStill(until, event.what);
        case 'kill':
          machine.kill();
          return startVerifier(schedule.leaseMs);
        case 'cut':
          link.cutUntil = until;
          return;
        case 'cut wake-ups':
          link.wakeUpsCutUntil = until;
          return;
        case 'step clock':
          return machine.stepWallClock(event.byMs);
        case 'restart':
          return database.restart(event.forMs);
        case 'back up':
          return database.takeBackup();
        case 'restore':
          database.restore(event.forMs);
          for (const subject of schedule.subjects) call(command(subject), subject, undefined);
          return;
        case 'trim':
          return database.trim();
      }
    });
  }
  await world.run(schedule.wellAt + 6 * schedule.longestLeaseMs);
  outcome.hung = [...waiting].filter((machine) => !machine.isDead()).length;
  outcome.events = world.events();
  return outcome;
}
