export type Repeating = { close: () => Promise<void> };

/**
 * Runs `work` every `intervalMs`, one run at a time, and goes on after one that failed. Several nodes may run the same work, so
 * it must come to the same whoever does it. `close` waits for a run that is under way.
 */
export function repeat(
  intervalMs: number,
  work: () => Promise<unknown>,
  warn: (error: unknown) => void,
): Repeating {
  let running: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    running ??= work()
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
