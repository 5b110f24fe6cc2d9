import type { Luck } from './network.ts';

type What =
  | 'verify'
  | 'change'
  | 'pause'
  | 'suspend'
  | 'kill'
  | 'cut'
  | 'cut wake-ups'
  | 'step clock'
  | 'restart'
  | 'back up'
  | 'restore'
  | 'trim';

export type PlannedEvent = {
  at: number;
  what: What;
  verifier: number;
  subject: string;
  kind: string;
  byCommand: boolean;
  forMs: number;
  byMs: number;
};

export type Schedule = {
  subjects: readonly string[];
  leaseMs: number;
  leases: readonly number[];
  longestLeaseMs: number;
  events: readonly PlannedEvent[];
  /** From here on nothing goes wrong any more. */
  calmAt: number;
  /** From here on it has been calm for so long that everybody has a lease. */
  wellAt: number;
  luck: (isRough: () => boolean) => Luck;
  clockRate: () => number;
  diesBeforeWaiting: () => boolean;
  beforeAskingAgain: () => number;
};

/** Everything that chance decides, so that the seed is the schedule. Each has faults of some kinds only, so that each kind is met alone too. */
export function drawSchedule(random: () => number): Schedule {
  const chance = (probability: number) => random() < probability;
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const between = (low: number, high: number) => low + random() * (high - low);

  const leaseMs = 1_000;
  const subjects = ['key_1', 'key_2', 'key_3', 'key_4'].slice(0, chance(0.5) ? 1 : 4);
  const leases = Array.from({ length: chance(0.3) ? 1 : chance(0.7) ? 2 : 3 }, () =>
    chance(0.7) ? leaseMs : pick([600, 1_500]),
  );
  const longestLeaseMs = Math.max(leaseMs, ...leases);
  const calmAt = between(3, 6) * leaseMs;

  // A machine whose wall clock steps does not sleep: one of its two clocks must tell the truth.
  const clocks = pick(['sleep', 'step', 'neither'] as const);
  const rough: Partial<Record<What, number>> = {
    pause: chance(0.5) ? 4 : 0,
    suspend: clocks === 'sleep' ? 4 : 0,
    'step clock': clocks === 'step' ? 4 : 0,
    kill: chance(0.2) ? 1 : 0,
    cut: chance(0.4) ? 3 : 0,
    'cut wake-ups': chance(0.3) ? 3 : 0,
    restart: chance(0.15) ? 1 : 0,
    restore: chance(0.15) ? 1 : 0,
    trim: chance(0.5) ? 5 : 0,
  };
  const events: PlannedEvent[] = [];
  const plan = (what: What, at: number, given: Partial<PlannedEvent> = {}) =>
    events.push({
      at,
      what,
      verifier: Math.floor(random() * 6),
      subject: pick(subjects),
      kind: pick(['api_key', 'api_key', 'api_key', 'api_key_gone', 'a kind to come']),
      byCommand: chance(0.5),
      // About as long as a lease: back just when it is given up.
      forMs: pick([between(0, leaseMs), between(0.9, 1.3) * leaseMs, between(0, 3 * leaseMs)]),
      byMs: between(-3, 3) * leaseMs * (chance(0.3) ? 100 : 1),
      ...given,
    });
  for (const [what, most] of Object.entries(rough) as [What, number][]) {
    for (let count = Math.ceil(random() * most); count > 0; count--) {
      const at = between(0, calmAt);
      plan(what, at);
      if (chance(0.5)) continue;
      // Where it hurts most: just after a change has made everybody renew, and just before the next one.
      plan('change', at - between(3, 15));
      plan('change', at + between(0, 15), { byCommand: true });
    }
  }
  for (const { at } of events.filter(({ what }) => what === 'restore')) {
    plan('back up', between(Math.max(0, at - leaseMs), at));
  }
  for (let at = 0; at < calmAt; at += between(0, 400)) plan('change', at);
  for (let at = 0; at < calmAt; at += between(0, 60)) plan('verify', at);
  // The last pause ends within three leases; then nothing goes wrong any more, and all is well.
  const wellAt = calmAt + 6 * longestLeaseMs;
  for (let at = wellAt; at < wellAt + longestLeaseMs; at += 100) plan('verify', at);
  for (const byCommand of [true, false]) plan('change', wellAt + longestLeaseMs, { byCommand });

  const slowness = pick([0, 0.02, 0.1, 0.3]);
  // Two clocks may differ by nearly what the margins allow.
  const drift = pick([0, 0.045]);
  const loss = pick([0, 0.1, 0.5, 1]);
  const deaths = pick([0, 0, 0.15]);
  return {
    subjects,
    leaseMs,
    leases,
    longestLeaseMs,
    events,
    calmAt,
    wellAt,
    luck: (isRough) => {
      const milliseconds = () => {
        if (!isRough() || !chance(slowness)) return between(0.1, 2);
        return chance(0.5) ? between(2, leaseMs / 3) : between(2, 1.5 * leaseMs);
      };
      return { transit: milliseconds, work: milliseconds, losesWakeUp: () => chance(loss) };
    },
    clockRate: () => 1 + pick([-drift, drift, 0]),
    diesBeforeWaiting: () => chance(deaths),
    beforeAskingAgain: () => between(1, leaseMs),
  };
}
