import { UnavailableError } from '../lib/unavailable-error.ts';

export type Turns = {
  /** Waits until everyone before has given back. @throws UnavailableError `busy` after so many milliseconds. */
  take: (patience: number) => Promise<void>;
  giveBack: () => void;
};

/** One thing that one at a time may have, first come first served. Who gives up waiting is no longer in the line. */
export function createTurns(): Turns {
  const waiting = new Set<() => void>();
  let taken = false;
  return {
    take: (patience) => {
      if (!taken) {
        taken = true;
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        const enter = () => {
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(() => {
          waiting.delete(enter);
          reject(new UnavailableError('busy'));
        }, patience);
        waiting.add(enter);
      });
    },
    giveBack: () => {
      const [next] = waiting;
      if (next === undefined) {
        taken = false;
        return;
      }
      waiting.delete(next);
      next();
    },
  };
}
