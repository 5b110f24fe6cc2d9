import { AppError } from '../../errors.ts';

/**
 * Lets at most `atOnce` pieces of work run and `waiting` more wait, first come first served: each may take hundreds of megabytes,
 * so that without it many callers together could still exhaust the machine.
 */
export function takeTurns(bounds: {
  atOnce: number;
  waiting: number;
}): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (running < bounds.atOnce) running += 1;
    else {
      if (queue.length >= bounds.waiting) {
        throw new AppError(
          'unavailable',
          'Too many documents are being imported at this moment. Try again in a minute.',
        );
      }
      await new Promise<void>((resolve) => queue.push(resolve)); // the turn is handed over, so `running` stays
    }
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
