import type { Worker } from 'node:cluster';

type Handle = { close: () => void };
type Handed = { act?: unknown; key?: unknown };

/**
 * Closes the connections that a worker was handed and died before it took them. node:cluster waits for its answer for ever
 * and keeps them open (lib/internal/cluster/round_robin_handle.js, `handoff`), so their clients would wait until they give
 * up. It hands a worker one connection for each listener at a time; a handle that is closed already takes no harm.
 */
export function trackHandedConnections(): { watch: (worker: Worker) => void } {
  const last = new Map<string, Handle>();

  function note(place: string, handle: Handle): void {
    // One that was refused goes on to another worker, and is that one's from then on.
    for (const [other, known] of last) if (known === handle) last.delete(other);
    last.set(place, handle);
  }

  return {
    watch: (worker) => {
      const child = worker.process;
      const send = child.send;
      const places = new Set<string>();
      const sendAndNote = (...args: unknown[]) => {
        const [message, handle] = args as [Handed, unknown];
        if (message.act === 'newconn' && isHandle(handle)) {
          const place = `${worker.id} ${String(message.key)}`;
          places.add(place);
          note(place, handle);
        }
        return send.apply(child, args as Parameters<typeof send>);
      };
      child.send = sendAndNote as typeof send;
      child.once('exit', () => {
        for (const place of places) {
          last.get(place)?.close();
          last.delete(place);
        }
      });
    },
  };
}

function isHandle(value: unknown): value is Handle {
  return typeof value === 'object' && value !== null && 'close' in value;
}
