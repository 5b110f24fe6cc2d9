import { noteExpiredKeys } from '../domain/api-keys/note-expired-keys.ts';
import type { Services } from '../domain/context.ts';

const intervalMs = 5_000;

/** Notes expired keys every 5 s, one run at a time; several nodes may do it, to the same effect. `close` waits for a run. */
export function startExpiryJob(
  services: Services,
  warn: (error: unknown) => void,
): { close: () => Promise<void> } {
  let running: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    running ??= noteExpiredKeys(services)
      .catch(warn)
      .finally(() => {
        running = undefined;
      });
  }, intervalMs);
  timer.unref();
  return {
    close: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
