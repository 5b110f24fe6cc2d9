import type { LocalChanges } from '../database/database.ts';
import type { Coherence, CoherenceListener } from './coherence.ts';

/**
 * Coherence on SQLite, where the file is shared memory: looks at the change counter before anything is answered from a cache,
 * and applies what other processes, or this one, changed. Nobody need be waited for: a change holds from its commit on.
 *
 * One look serves a running stretch of JavaScript, until its last microtask: nothing is received in it, so that whatever is
 * answered in it was received before the look, and the look sees all that had returned by then.
 */
export function watchChangeLog(changes: LocalChanges): Coherence {
  const listeners: CoherenceListener[] = [];
  let applied = changes.readPosition();
  let generation = 0;
  let looked = false;
  const forgetLook = () => {
    looked = false;
  };

  function apply(position: number): void {
    // A smaller number is that of another life of the database.
    const rows = position > applied ? changes.readAfter(applied) : undefined;
    const last = rows?.at(-1)?.seq;
    for (const listener of listeners)
      listener(rows === undefined || last === undefined ? 'everything' : rows);
    // The log may have grown since the counter was read.
    applied = last ?? position;
    generation += 1;
  }

  return {
    isCurrent: () => {
      if (looked) return true;
      const position = changes.readPosition();
      if (position !== applied) apply(position);
      looked = true;
      queueMicrotask(forgetLook);
      return true;
    },
    generation: () => generation,
    onChange: (listener) => listeners.push(listener),
    // The clock of the database is the machine's, as ours is.
    databaseTime: () => 0,
    state: () => ({ applied, leaseRemainingMs: null, epoch: null }),
    close: async () => undefined,
  };
}
