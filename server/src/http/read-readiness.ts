import type { Coherence } from '../coherence/coherence.ts';
import type { Services } from '../domain/context.ts';
import { checkFooting } from '../domain/installation/check-footing.ts';

/** What the process stands on, as `/readyz` tells it: nothing here is a secret, or names anybody. */
export type Readiness = {
  status: 'ready' | 'not_ready';
  database: { kind: 'sqlite' | 'postgres'; answers: boolean };
  /** Whether the pepper that new secrets use is at hand; null: not known. */
  peppers: { hasActive: boolean | null };
  /** How long what is kept in memory may still be used without the database; null: there is no such time, on SQLite. */
  lease: { remainingMilliseconds: number } | null;
  /** The newest change that was applied to what is kept in memory. */
  appliedChange: number;
  /** The worker that answered, how many there are to be, and how many serve. */
  worker: { number: number; count: number; serving: number };
};

/** Looks at what decisions stand on. `worker`: this process among its workers. */
export async function readReadiness(given: {
  services: Pick<Services, 'database' | 'peppers'>;
  coherence: Pick<Coherence, 'state'>;
  /** It was told to end, and takes no new requests. */
  isStopping: boolean;
  worker: Readiness['worker'];
}): Promise<Readiness> {
  const { services, coherence, isStopping, worker } = given;
  const { databaseAnswers, hasActivePepper } = await checkFooting(services);
  const { applied, leaseRemainingMs } = coherence.state();
  // Whoever chose to answer from memory through an outage would be taken out of the balance in the middle of it.
  const outlivesOutages =
    (services.database.leases?.settings.graceMs ?? 0) > 0 && (leaseRemainingMs ?? 0) > 0;
  const canDecide = hasActivePepper === true || (!databaseAnswers && outlivesOutages);
  return {
    status: !isStopping && canDecide ? 'ready' : 'not_ready',
    database: { kind: services.database.kind, answers: databaseAnswers },
    peppers: { hasActive: hasActivePepper },
    lease:
      leaseRemainingMs === null ? null : { remainingMilliseconds: Math.max(0, Math.round(leaseRemainingMs)) },
    appliedChange: applied,
    worker,
  };
}
