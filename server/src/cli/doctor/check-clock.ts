import type { Reader } from '../../database/database.ts';
import { findNewestInstant } from '../../domain/audit/find-newest-instant.ts';
import { type Finding, ok, wrong } from './finding.ts';

/** Before this program was written. */
const earliest = Date.UTC(2026, 0, 1);
const toleranceMs = 5_000;
const remedy = 'Let the machine keep time by NTP (timedatectl): expiry and audit instants depend on it.';

export function checkClock(now: number): Finding {
  const said = new Date(now).toISOString();
  return now < earliest
    ? wrong('clock', `It says ${said}, which is in the past.`, remedy)
    : ok('clock', `It says ${said}.`);
}

/** No event was written after now, unless a clock is or was wrong. */
export async function checkClockAgainstEvents(read: Reader, now: number): Promise<Finding[]> {
  const newest = await findNewestInstant(read);
  if (newest === null || newest <= now + toleranceMs) return [];
  const what = `The newest audit event says ${new Date(newest).toISOString()}, which is in the future: this clock, or another node's, is or was wrong.`;
  return [wrong('clock', what, remedy)];
}
