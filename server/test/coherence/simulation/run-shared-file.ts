import type { Coherence } from '../../../src/coherence/coherence.ts';
import { createCoherentCache } from '../../../src/coherence/coherent-cache.ts';
import { watchChangeLog } from '../../../src/coherence/watch-change-log.ts';
import type { LocalChanges, LoggedChange } from '../../../src/database/database.ts';
import { randomFromSeed } from '../../random-from-seed.ts';
import { createMachine, type Machine } from './machine.ts';
import type { Entry, EntryCache, Variant } from './variant.ts';
import { createWorld } from './world.ts';

/** Parts of looking before answering to put in the place of the real ones. */
export type SharedFileVariant = Pick<Variant, 'cache'> & {
  watch?: (changes: LocalChanges, machine: Machine) => Pick<Coherence, 'isCurrent' | 'onChange'>;
  changes?: (changes: LocalChanges) => LocalChanges;
};

export type SharedFileOutcome = {
  violations: string[];
  answered: number;
  fromCache: number;
  returned: number;
};

const subjects = ['key_1', 'key_2', 'key_3'];
const end = 2_000;

/**
 * Several processes on one SQLite file: whoever commits is done. Processes stand still at any moment, the log is trimmed
 * while they do, and reads are answered long after they saw the file.
 */
export async function runSharedFile(
  seed: number,
  variant: SharedFileVariant = {},
): Promise<SharedFileOutcome> {
  const random = randomFromSeed(seed);
  const between = (low: number, high: number) => low + random() * (high - low);
  const some = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
  const world = createWorld();
  const outcome: SharedFileOutcome = { violations: [], answered: 0, fromCache: 0, returned: 0 };

  let stamps = 0;
  let seq = 0;
  let log: LoggedChange[] = [];
  const states = new Map<string, { stamp: number; isPresent: boolean }>();
  for (const subject of subjects) states.set(subject, { stamp: ++stamps, isPresent: true });
  const real: LocalChanges = {
    readPosition: () => seq,
    readAfter: (after) => {
      const rows = log.filter((row) => row.seq > after);
      return rows.length === 0 || rows[0]?.seq === after + 1 ? rows : undefined;
    },
  };
  const changes = variant.changes?.(real) ?? real;
  const processes = Array.from({ length: 3 }, (_, index) => {
    const machine = createMachine(world, `p${index}`, 1);
    const coherence = variant.watch?.(changes, machine) ?? watchChangeLog(changes);
    const cache: EntryCache = (variant.cache ?? createCoherentCache<Entry>)(coherence, {
      maxBytes: 3,
      maxAbsent: 2,
      sizeOf: () => 1,
      subjectOf: ({ id }) => id,
      forgets: ({ kind, subject }) => (kind === 'a kind to come' ? 'everything' : { subject }),
      absentMayAppear: () => true,
    });
    return { machine, coherence, cache };
  });

  /** Sees the file at once, and says so when it says so. */
  function read(subject: string): Promise<Entry | undefined> {
    const state = states.get(subject);
    return new Promise((resolve) => {
      const answer = () => resolve(state?.isPresent ? { id: subject, stamp: state.stamp } : undefined);
      world.at(world.now() + between(0, 30), () => {
        world.touch();
        answer();
      });
    });
  }

  function verify({ machine, coherence, cache }: (typeof processes)[number], subject: string): void {
    const owed = states.get(subject)?.stamp ?? 0;
    const before = new Map(states).get(subject);
    machine.whenAwake(async () => {
      const known = coherence.isCurrent() ? cache.peek(subject) : undefined;
      const found = known !== undefined ? known : await cache.load(subject, () => read(subject));
      outcome.answered += 1;
      if (known !== undefined) outcome.fromCache += 1;
      // Absent is right if it was so when the verification came, or after.
      const isOld = found === null ? before?.isPresent && states.get(subject) === before : found.stamp < owed;
      if (isOld) outcome.violations.push(`${machine.name} used an old state of ${subject}`);
    });
  }

  function change(subject: string): void {
    seq += 1;
    const kind = some(['api_key', 'api_key', 'a kind to come']);
    log.push({ seq, kind, subject, organizationId: 'org_1' });
    states.set(subject, { stamp: ++stamps, isPresent: random() < 0.8 });
    outcome.returned += 1;
    for (const one of processes) world.at(world.now(), () => verify(one, subject));
  }

  for (let at = 0; at < end; at += between(0, 120)) world.at(at, () => change(some(subjects)));
  for (let at = 0; at < end; at += between(0, 4)) world.at(at, () => verify(some(processes), some(subjects)));
  for (let at = 0; at < end; at += between(0, 400)) {
    world.at(at, () => some(processes).machine.standStill(world.now() + between(0, 300), 'pause'));
  }
  for (let at = 0; at < end; at += between(0, 200)) {
    world.at(at, () => {
      log = log.slice(Math.floor(random() * log.length));
    });
  }
  await world.run(2 * end);
  return outcome;
}
