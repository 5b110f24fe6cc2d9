import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { waitForVerifiers } from '../../src/coherence/wait-for-verifiers.ts';
import { migrate } from '../../src/database/migrate.ts';
import { openDatabase } from '../../src/database/open.ts';
import { createPostgresDatabase } from '../harness.ts';
import { change, openVerifier, until, type Verifier } from './verifiers.ts';

describe('verifiers on PostgreSQL', () => {
  let made: Awaited<ReturnType<typeof createPostgresDatabase>>;
  const verifiers: Verifier[] = [];
  before(async () => {
    made = await createPostgresDatabase();
    const database = openDatabase({ url: made.url }, () => undefined);
    await migrate(database, Date.now);
    await database.close();
    for (let index = 0; index < 3; index++) verifiers.push(openVerifier(made.url));
    await until('Every lease', () => verifiers.every(({ coherence }) => coherence.isCurrent()));
  });
  after(async () => {
    for (const verifier of verifiers) await verifier.close();
    await made?.drop();
  });

  test('when a barrier ends each verifier has applied the change; it ends in milliseconds by wake-ups', async () => {
    const [first] = verifiers;
    assert.ok(first);
    const took: number[] = [];
    for (let index = 0; index < 20; index++) {
      const seq = await change(first.database, `key_${index}`);
      const { verifiers: waitedFor, milliseconds } = await waitForVerifiers(first.database, seq);
      assert.equal(waitedFor, 3);
      for (const { coherence, told } of verifiers) {
        assert.ok(coherence.state().applied >= seq);
        const [last] = told.at(-1) ?? [];
        assert.equal(typeof last === 'object' && last.subject, `key_${index}`);
      }
      took.push(milliseconds);
    }
    took.sort((a, b) => a - b);
    const median = took[10] ?? Number.POSITIVE_INFINITY;
    assert.ok(median < 250, `${took.join(', ')} ms: a third of a lease is 333 ms`);
  });

  test('one that leaves is waited for no more; one that comes is told from where it begins', async () => {
    const [first] = verifiers;
    const last = verifiers.pop();
    assert.ok(first && last);
    await last.close();
    const seq = await change(first.database, 'key_a');
    assert.equal((await waitForVerifiers(first.database, seq)).verifiers, 2);
    const fresh = openVerifier(made.url);
    verifiers.push(fresh);
    await until('A lease', () => fresh.coherence.isCurrent());
    assert.equal(fresh.coherence.state().applied, seq);
    assert.equal((await waitForVerifiers(first.database, undefined)).verifiers, 3);
  });

  test('a row that was taken away makes its verifier drop everything and come back under a new id', async () => {
    const [first, second] = verifiers;
    assert.ok(first?.database.leases && second);
    const { table } = first.database.leases;
    const before = (await table.look()).rows.map(({ verifierId }) => verifierId);
    for (const verifierId of before) await table.leave(verifierId);
    const dropped = second.told.length;
    table.wake();
    await until('All have come back', async () => (await table.look()).rows.length === 3);
    await until('Every lease', () => verifiers.every(({ coherence }) => coherence.isCurrent()));
    assert.deepEqual(second.told.slice(dropped), ['everything', 'everything']);
    for (const { verifierId } of (await table.look()).rows) assert.ok(!before.includes(verifierId));
  });
});
