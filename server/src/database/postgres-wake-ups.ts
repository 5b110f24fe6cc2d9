import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Listening } from './coordination.ts';
import type { WakeUps } from './postgres-leases.ts';

const channel = 'keywright_wake';
const testPatienceMs = 2_000;
const retryMs = 1_000;
const usualTestEveryMs = 30_000;

export type WakeUpOptions = {
  url: string;
  /** Any connection: not the one that listens, or a pooler would pass the test. */
  send: (text: string) => Promise<unknown>;
  /** Whether this server process answers a connection of our own: what it says was heard here already. */
  isOurs?: (processId: number) => boolean;
  /** `swallowed`: LISTEN was accepted and nothing comes, as behind a pooler by transactions. */
  log: (event: { reason: 'swallowed' | 'lost' }) => void;
  /** So often the connection that listens is tested. */
  testEveryMs?: number;
};

/**
 * NOTIFY without payload, after commit. At most one is on its way and one waits for it; nobody waits for either. LISTEN
 * has a connection of its own, which must be direct, and tests itself; it is made anew when it broke.
 */
export function createWakeUps(options: WakeUpOptions): WakeUps {
  const { send } = options;
  const here = new Set<() => void>();
  let isSending = false;
  let isWanted = false;

  async function notify(): Promise<void> {
    isSending = true;
    while (isWanted) {
      isWanted = false;
      // Lost, it costs time: verifiers renew by themselves.
      await send(`notify ${channel}`).catch(() => undefined);
    }
    isSending = false;
  }

  return {
    wake: () => {
      for (const run of here) run();
      isWanted = true;
      if (!isSending) void notify();
    },
    listen: (onWake) => {
      here.add(onWake);
      const elsewhere = listenAgainAndAgain(onWake, options);
      return {
        close: async () => {
          here.delete(onWake);
          await elsewhere.close();
        },
      };
    },
  };
}

function listenAgainAndAgain(
  onWake: () => void,
  { url, send, isOurs, log, testEveryMs = usualTestEveryMs }: WakeUpOptions,
): Listening {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let said: string | undefined;

  const say = (reason: 'swallowed' | 'lost') => {
    if (said !== reason && !closed) log({ reason });
    said = reason;
  };
  const later = (milliseconds: number, run: () => Promise<void>) => {
    clearTimeout(timer);
    if (closed) return;
    timer = setTimeout(() => void run(), milliseconds);
    timer.unref();
  };

  async function connect(): Promise<void> {
    const made = new pg.Client({
      connectionString: url,
      application_name: 'keywright listens',
      connectionTimeoutMillis: testPatienceMs,
      query_timeout: testPatienceMs,
      keepAlive: true,
    });
    client = made;
    made.on('error', () => lose(made));
    made.on('end', () => lose(made));
    try {
      await made.connect();
      made.on('notification', (message) => {
        if (message.channel === channel && isOurs?.(message.processId) !== true) onWake();
      });
      await made.query(`listen ${channel}`);
      // What was said while nobody listened.
      onWake();
      await test(made);
    } catch {
      lose(made);
    }
  }

  /** Once: what is still under way on it must not put off the next one. */
  function lose(lost: pg.Client): void {
    if (client !== lost) return;
    client = undefined;
    lost.end().catch(() => undefined);
    say('lost');
    later(retryMs, connect);
  }

  async function test(tested: pg.Client): Promise<void> {
    if (closed) return;
    const isHeard = await hearsNotifications(tested, send);
    if (client !== tested || closed) return;
    if (isHeard) said = undefined;
    else say('swallowed');
    // One that does not answer any more, without a word, is lost too.
    later(testEveryMs, () => test(tested).catch(() => lose(tested)));
  }

  void connect();
  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}

/**
 * Whether a NOTIFY that another connection sends arrives while this one is idle. A pooler by transactions accepts LISTEN
 * and swallows it; a NOTIFY on the same connection it would even deliver.
 */
export async function hearsNotifications(
  listener: pg.Client,
  send: (text: string) => Promise<unknown>,
): Promise<boolean> {
  const own = `keywright_test_${randomBytes(8).toString('hex')}`;
  const heard = Promise.withResolvers<boolean>();
  const hear = (message: pg.Notification) => {
    if (message.channel === own) heard.resolve(true);
  };
  const timer = setTimeout(() => heard.resolve(false), testPatienceMs);
  listener.on('notification', hear);
  try {
    await listener.query(`listen ${own}`);
    await send(`notify ${own}`);
    return await heard.promise;
  } finally {
    clearTimeout(timer);
    listener.off('notification', hear);
    await listener.query(`unlisten ${own}`).catch(() => undefined);
  }
}
