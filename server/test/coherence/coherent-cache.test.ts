import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ChangeRow, CoherenceListener } from '../../src/coherence/coherence.ts';
import { createCoherentCache } from '../../src/coherence/coherent-cache.ts';

type Entry = { id: string; state: number; bytes: number };

function change(kind: string, subject = 'key_1'): ChangeRow {
  return { seq: 1, kind, subject, organizationId: 'org_1' };
}

/** A cache of API keys, whose coherence the test moves by hand. */
function openCache({ maxBytes = 1_000, maxAbsent = 10 } = {}) {
  const listeners: CoherenceListener[] = [];
  const lease = { held: true };
  const cache = createCoherentCache<Entry>(
    { isCurrent: () => lease.held, onChange: (listener) => listeners.push(listener) },
    {
      maxBytes,
      maxAbsent,
      sizeOf: ({ bytes }) => bytes,
      subjectOf: ({ id }) => id,
      forgets: ({ kind, subject }) =>
        kind === 'api_key' ? { subject } : kind === 'profile' ? 'nothing' : 'everything',
      absentMayAppear: ({ kind }) => kind !== 'profile',
    },
  );
  const apply: CoherenceListener = (changes) => {
    for (const listener of listeners) listener(changes);
  };
  return { cache, lease, apply };
}

function entry(id: string, state = 1, bytes = 1): Entry {
  return { id, state, bytes };
}

/** A read that the test answers when it wants to. */
function heldRead<Value>() {
  let sent = 0;
  const answer = Promise.withResolvers<Value | undefined>();
  return {
    read: () => {
      sent += 1;
      return answer.promise;
    },
    sent: () => sent,
    answer: answer.resolve,
    fail: answer.reject,
  };
}

describe('the coherent cache', () => {
  test('keeps what was read, and that something is absent', async () => {
    const { cache } = openCache();
    assert.equal(cache.peek('a'), undefined);
    assert.deepEqual(await cache.load('a', () => entry('key_1')), entry('key_1'));
    assert.deepEqual(cache.peek('a'), entry('key_1'));
    assert.equal(await cache.load('b', async () => undefined), null);
    assert.equal(cache.peek('b'), null);
    assert.deepEqual({ ...countsOf(cache) }, { hits: 2, misses: 2, fillsDiscarded: 0, size: 2, bytes: 1 });
  });

  test('sends one read for a key however many wait for it', async () => {
    const { cache } = openCache();
    const held = heldRead<Entry>();
    const waiting = [cache.load('a', held.read), cache.load('a', held.read), cache.load('a', held.read)];
    held.answer(entry('key_1'));
    for (const value of await Promise.all(waiting)) assert.equal(value?.id, 'key_1');
    assert.equal(held.sent(), 1);
  });

  test('without a lease gives each caller a read of their own, joins none, and keeps none', async () => {
    const { cache, lease } = openCache();
    const before = heldRead<Entry>();
    const joinable = cache.load('a', before.read);
    lease.held = false;
    const [own, other] = [heldRead<Entry>(), heldRead<Entry>()];
    const waiting = [cache.load('a', own.read), cache.load('a', other.read)];
    own.answer(entry('key_1', 2));
    other.answer(entry('key_1', 3));
    assert.deepEqual(
      (await Promise.all(waiting)).map((value) => value?.state),
      [2, 3],
    );
    assert.equal(cache.peek('a'), undefined);
    before.answer(entry('key_1', 1));
    assert.equal((await joinable)?.state, 1);
  });

  test('a read that was under way when a change was applied answers those who waited, is not kept, and is joined by nobody later', async () => {
    const { cache, apply } = openCache();
    const old = heldRead<Entry>();
    const waiting = cache.load('a', old.read);
    apply([change('api_key')]);
    const fresh = heldRead<Entry>();
    const later = cache.load('a', fresh.read);
    assert.equal(fresh.sent(), 1);
    old.answer(entry('key_1', 1));
    assert.equal((await waiting)?.state, 1);
    assert.equal(cache.peek('a'), undefined);
    const joining = cache.load('a', () => assert.fail('the read that is under way is joined'));
    fresh.answer(entry('key_1', 2));
    assert.equal((await later)?.state, 2);
    assert.equal((await joining)?.state, 2);
    assert.equal(cache.peek('a')?.state, 2);
    assert.equal(cache.counts.fillsDiscarded, 1);
  });

  test('a read that found nothing is not kept as absent when something was created meanwhile', async () => {
    const { cache, apply } = openCache();
    const old = heldRead<Entry>();
    const waiting = cache.load('a', old.read);
    apply([change('api_key', 'key_new')]);
    old.answer(undefined);
    assert.equal(await waiting, null);
    assert.equal(cache.peek('a'), undefined);
  });

  test('a change forgets the entries of its subject, all of them, and what was absent', async () => {
    const { cache, apply } = openCache();
    await cache.load('a1', () => entry('key_1'));
    await cache.load('a2', () => entry('key_1'));
    await cache.load('b', () => entry('key_2'));
    await cache.load('c', () => undefined);
    apply([change('api_key', 'key_1')]);
    assert.deepEqual(
      ['a1', 'a2', 'b', 'c'].map((key) => cache.peek(key)?.id),
      [undefined, undefined, 'key_2', undefined],
    );
    assert.equal(cache.peek('c'), undefined);
  });

  test('a change that does not concern it forgets nothing and discards no read', async () => {
    const { cache, apply } = openCache();
    await cache.load('a', () => entry('key_1'));
    const held = heldRead<Entry>();
    const waiting = cache.load('b', held.read);
    apply([change('profile')]);
    held.answer(entry('key_2'));
    await waiting;
    assert.equal(cache.peek('a')?.id, 'key_1');
    assert.equal(cache.peek('b')?.id, 'key_2');
    assert.equal(cache.counts.fillsDiscarded, 0);
  });

  test('an unknown kind, and `everything`, forget everything and detach every read', async () => {
    for (const changes of [[change('something new')], 'everything'] as const) {
      const { cache, apply } = openCache();
      await cache.load('a', () => entry('key_1'));
      await cache.load('absent', () => undefined);
      const held = heldRead<Entry>();
      const waiting = cache.load('b', held.read);
      apply(changes);
      held.answer(entry('key_2'));
      await waiting;
      for (const key of ['a', 'absent', 'b']) assert.equal(cache.peek(key), undefined);
      assert.equal(cache.counts.size, 0);
      assert.equal(cache.counts.bytes, 0);
    }
  });

  test('a read that failed is nobody else’s: the next caller sends another', async () => {
    const { cache } = openCache();
    const held = heldRead<Entry>();
    const waiting = [cache.load('a', held.read), cache.load('a', held.read)];
    held.fail(new Error('the database is gone'));
    for (const one of waiting) await assert.rejects(one, /is gone/);
    assert.equal((await cache.load('a', () => entry('key_1')))?.id, 'key_1');
  });

  test('stays within its bytes, what is hardly used going first; a flood of absent keys evicts nothing good', async () => {
    const { cache } = openCache({ maxBytes: 300, maxAbsent: 5 });
    for (const id of ['a', 'b', 'c']) await cache.load(id, () => entry(id, 1, 100));
    for (let use = 0; use < 8; use++) cache.peek('a');
    await cache.load('d', () => entry('d', 1, 100));
    for (let index = 0; index < 100; index++) await cache.load(`absent ${index}`, () => undefined);
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((key) => cache.peek(key)?.id),
      ['a', undefined, 'c', 'd'],
    );
    assert.equal(cache.counts.bytes, 300);
    assert.equal(cache.counts.size, 3 + 5);
    await cache.load('huge', () => entry('huge', 1, 301));
    assert.equal(cache.peek('huge'), undefined);
  });

  test('whatever is read, kept, evicted and changed, in any order: nothing from before an applied change is ever answered', async () => {
    const step = fc.record({
      do: fc.constantFrom('load', 'answer', 'change', 'everything', 'peek'),
      key: fc.nat(5),
      second: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { cache, apply } = openCache({ maxBytes: 4, maxAbsent: 2 });
        // Even states are absent. Each API key has two secrets, so two entries.
        const states = new Map<number, number>();
        const applied = new Map<number, number>();
        const stateOf = (key: number) => states.get(key) ?? 0;
        const readNow = (key: number) => {
          const state = stateOf(key);
          return state % 2 === 0 ? undefined : entry(String(key), state);
        };
        const pending: { answer: () => void; done: Promise<unknown> }[] = [];
        for (const { do: what, key, second } of steps) {
          const secret = `${key}${second ? ' second' : ''}`;
          if (what === 'load') {
            const held = heldRead<Entry>();
            const atArrival = applied.get(key) ?? 0;
            const snapshot = readNow(key);
            const done = cache.load(secret, held.read).then((value) => {
              // Every change is applied at once, so a read that may be joined has seen what was applied at arrival.
              assert.equal(value === null ? atArrival % 2 : value.state - atArrival, 0);
            });
            pending.push({ answer: () => held.answer(snapshot), done });
          } else if (what === 'answer') {
            const [one] = pending.splice(0, 1);
            one?.answer();
            await new Promise(setImmediate);
          } else if (what === 'peek') {
            const value = cache.peek(secret);
            if (value) assert.ok(value.state >= (applied.get(key) ?? 0));
            if (value === null) assert.equal(stateOf(key) % 2, 0);
          } else {
            states.set(key, stateOf(key) + 1);
            applied.set(key, stateOf(key));
            apply(what === 'change' ? [change('api_key', String(key))] : 'everything');
          }
        }
        for (const { answer } of pending) answer();
        await Promise.all(pending.map(({ done }) => done));
        assert.ok(cache.counts.bytes <= 4);
      }),
      { numRuns: 500 },
    );
  });
});

function countsOf({ counts }: { counts: ReturnType<typeof openCache>['cache']['counts'] }) {
  const { hits, misses, fillsDiscarded, size, bytes } = counts;
  return { hits, misses, fillsDiscarded, size, bytes };
}
