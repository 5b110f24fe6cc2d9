/** True time, in milliseconds, and what is to happen when. Of two things at one instant the one that was planned first goes first. */
export type World = {
  now: () => number;
  at: (time: number, run: () => void) => void;
  /** Runs what is planned, until `end`. */
  run: (end: number) => Promise<void>;
  /** Called where the code under test runs: what it promises is let happen before the next event. */
  touch: () => void;
  /** How many events there were. */
  events: () => number;
};

type Planned = { time: number; order: number; run: () => void };

export function createWorld(): World {
  const heap: Planned[] = [];
  let now = 0;
  let planned = 0;
  let events = 0;
  let isTouched = false;

  const isBefore = (a: Planned, b: Planned) => a.time < b.time || (a.time === b.time && a.order < b.order);
  const at = (index: number) => heap[index] as Planned;

  function push(item: Planned): void {
    let index = heap.push(item) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(item, at(parent))) break;
      heap[index] = at(parent);
      index = parent;
    }
    heap[index] = item;
  }

  function pop(): Planned | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(at(child + 1), at(child))) child += 1;
      if (!isBefore(at(child), last)) break;
      heap[index] = at(child);
      index = child;
    }
    heap[index] = last;
    return first;
  }

  return {
    now: () => now,
    at: (time, run) => push({ time: Math.max(time, now), order: planned++, run }),
    touch: () => {
      isTouched = true;
    },
    events: () => events,
    run: async (end) => {
      for (;;) {
        const next = heap[0];
        if (next === undefined || next.time > end) return;
        pop();
        now = next.time;
        events += 1;
        isTouched = false;
        next.run();
        if (!isTouched) continue;
        // The next tick comes when every promise has gone as far as it can.
        await new Promise<void>((resolve) => process.nextTick(resolve));
      }
    },
  };
}
