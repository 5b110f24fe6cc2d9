import pg from 'pg';
import { UnavailableError } from '../lib/unavailable-error.ts';
import { isFromServer, translating } from './translate-postgres-error.ts';

/** With a name it is prepared once a connection. */
export type Statement = { text: string; name?: string };

export type KeptConnection = {
  /** One statement, autocommitted. @throws UnavailableError, after which it may have been done or not. */
  query<Row>(statement: Statement, values?: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
};

/**
 * A connection of one's own, beside the pools, in which somebody else's work could be in the way. It connects when it
 * is used, and anew after it broke.
 * @param patience milliseconds for a statement, its waiting for locks included
 */
export function keepConnection(url: string, patience: number): KeptConnection {
  let client: pg.Client | undefined;
  let closed = false;

  async function connected(): Promise<pg.Client> {
    if (closed) throw new UnavailableError('closed');
    if (client !== undefined) return client;
    const made = new pg.Client({
      connectionString: url,
      application_name: 'keywright leases',
      connectionTimeoutMillis: patience,
      statement_timeout: patience,
      // Who is asked and answers nothing at all is given up.
      query_timeout: patience + 500,
      keepAlive: true,
    });
    const forget = () => {
      if (client === made) client = undefined;
    };
    made.on('error', forget);
    made.on('end', forget);
    try {
      await made.connect();
      // On a server with a synchronous replica: what this one answers, that one has. Else a primary that was cut off, and
      // replaced, could still prolong leases. And nothing here is worth compiling.
      await made.query('set synchronous_commit = on; set jit = off');
    } catch (error) {
      made.end().catch(() => undefined);
      throw error;
    }
    client = made;
    return made;
  }

  return {
    query: <Row>(statement: Statement, values: readonly unknown[] = []) =>
      translating(async () => {
        const asked = await connected();
        try {
          return (await asked.query({ ...statement, values: [...values] })).rows as Row[];
        } catch (error) {
          // On a connection that may still be busy with it nothing else is asked.
          if (!isFromServer(error)) {
            if (client === asked) client = undefined;
            asked.end().catch(() => undefined);
          }
          throw error;
        }
      }),
    close: async () => {
      closed = true;
      await client?.end().catch(() => undefined);
    },
  };
}
