import { testNotifications } from '../../database/test-notifications.ts';
import { type Finding, hint, ok } from './finding.ts';

/** Whether NOTIFY reaches who listens. Without it nothing is wrong, but each change waits for up to a third of a lease. */
export async function checkNotifications(url: string): Promise<Finding[]> {
  if (await testNotifications(url)) return [ok('database', 'Notifications arrive (LISTEN and NOTIFY).')];
  const remedy =
    'Let KEYWRIGHT_DATABASE_URL name PostgreSQL itself, or a pooler by sessions: one by transactions swallows LISTEN. Until then each change waits for up to a third of KEYWRIGHT_LEASE_SECONDS.';
  return [hint('database', 'Notifications do not arrive, as behind a pooler by transactions.', remedy)];
}
