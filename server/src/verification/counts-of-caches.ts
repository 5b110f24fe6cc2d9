import type { CoherentCache } from '../coherence/coherent-cache.ts';
import type { VerificationCaches } from './caches.ts';

type Counts = CoherentCache<object>['counts'];

/** What each cache counts, by its name; and how many bytes those hold that are bounded by bytes (others are by what they hold). */
export function countsOfCaches(caches: VerificationCaches): {
  caches: Record<string, Counts>;
  cacheBytes: () => Record<string, number>;
} {
  const { keys, applications, profiles, apis, organizations } = caches;
  const bounded: Record<string, Counts> = {
    ...(keys === undefined ? {} : { keys: keys.counts }),
    profiles: profiles.counts,
  };
  return {
    caches: {
      ...bounded,
      applications: applications.counts,
      apis: apis.counts,
      organizations: organizations.counts,
    },
    cacheBytes: () => Object.fromEntries(Object.entries(bounded).map(([cache, { bytes }]) => [cache, bytes])),
  };
}
