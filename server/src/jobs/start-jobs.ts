import { noteExpiredKeys } from '../domain/api-keys/note-expired-keys.ts';
import { forgetIdempotency } from '../domain/audit/forget-idempotency.ts';
import { trimChangeLog } from '../domain/audit/trim-change-log.ts';
import type { Services } from '../domain/context.ts';
import { type Repeating, repeat } from './repeat.ts';

/** What is done by the clock: expired keys are noted every 5 s, old Idempotency-Keys and changes forgotten every hour. */
export function startJobs(services: Services, warn: (job: string, error: unknown) => void): Repeating {
  const jobs = [
    repeat(
      5_000,
      () => noteExpiredKeys(services),
      (error) => warn('note expired keys', error),
    ),
    repeat(
      3_600_000,
      () => forgetIdempotency(services),
      (error) => warn('forget idempotency keys', error),
    ),
    repeat(
      3_600_000,
      () => trimChangeLog(services),
      (error) => warn('trim the change log', error),
    ),
  ];
  return {
    close: async () => {
      await Promise.all(jobs.map((job) => job.close()));
    },
  };
}
