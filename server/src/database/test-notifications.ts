import pg from 'pg';
import { hearsNotifications } from './postgres-wake-ups.ts';
import { translating } from './translate-postgres-error.ts';

/** Whether a connection to this URL hears what another one says. @throws UnavailableError. */
export async function testNotifications(url: string): Promise<boolean> {
  const open = () =>
    new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000, query_timeout: 3_000 });
  const [listener, speaker] = [open(), open()];
  for (const client of [listener, speaker]) client.on('error', () => undefined);
  try {
    return await translating(async () => {
      await listener.connect();
      await speaker.connect();
      return await hearsNotifications(listener, (text) => speaker.query(text));
    });
  } finally {
    await Promise.all([listener.end(), speaker.end()].map((ended) => ended.catch(() => undefined)));
  }
}
