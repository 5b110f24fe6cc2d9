import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '../../src/database/database.ts';
import { createUses, type UsedKey, type Uses } from '../../src/verification/uses.ts';
import { type Keywright, onBothDatabases } from '../harness.ts';
import { insertApiKeys, insertApplication } from '../insert-rows.ts';

const noFailure = (error: unknown) => assert.fail(String(error));

onBothDatabases('uses', (kw) => {
  const newKeys = async (count: number) => insertApiKeys(kw(), await insertApplication(kw()), count);
  const keys = new Map<string, UsedKey>();
  /** As the cache has it, one object for a key; at every other use as a reading without a cache has it, a new one. */
  const note = (uses: Uses, id: string, at: number, ip: string | null = null) => {
    const fresh = { id, organizationId: kw().organizationId, lastUse: null };
    const key = at % 2 === 0 ? fresh : (keys.get(id) ?? fresh);
    keys.set(id, key);
    uses.apiKey(key, at, ip, null);
  };

  test('100,000 of one key are one write, and the last one is what is shown', async () => {
    const [id = ''] = await newKeys(1);
    const { database, writes } = counting(kw().services.database);
    const uses = createUses(database, noFailure);
    for (let at = 1; at <= 100_000; at++) note(uses, id, at, '192.0.2.1');
    await uses.close();
    assert.equal(writes(), 1);
    assert.deepEqual(
      { ...(await lastUseOf(kw(), id)) },
      { last_used_at: 100_000, last_used_ip: '192.0.2.1' },
    );
  });

  test('of 1,000 keys are written in few transactions, once a second at the most', async () => {
    const ids = await newKeys(1_000);
    const { database, writes } = counting(kw().services.database);
    const uses = createUses(database, noFailure);
    const begun = performance.now();
    for (let at = 1; at <= 100; at++) for (const id of ids) note(uses, id, at);
    await uses.close();
    const intervals = 1 + Math.floor((performance.now() - begun) / 1_000);
    assert.ok(writes() <= 5 * intervals, `${writes()} writes in ${intervals} intervals`);
    assert.equal((await lastUseOf(kw(), ids[999] ?? ''))?.last_used_at, 100);
  });

  test('of thousands of keys a second wait for each other, ten seconds at the most', async (t) => {
    const ids = await newKeys(2_001);
    const { database, writes } = counting(kw().services.database);
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const uses = createUses(database, noFailure);
    for (const id of ids) note(uses, id, 1);
    for (let second = 1; second <= 9; second++) t.mock.timers.tick(1_000);
    assert.equal(writes(), 0);
    t.mock.timers.tick(1_000);
    t.mock.timers.reset();
    while ((await lastUseOf(kw(), ids.at(-1) ?? '')) === undefined) await pause(20);
    await uses.close();
    assert.equal((await lastUseOf(kw(), ids[0] ?? ''))?.last_used_at, 1);
  });

  test('an older one that is written later does not go before a newer one', async () => {
    const [id = ''] = await newKeys(1);
    for (const at of [2_000, 1_000]) {
      const uses = createUses(kw().services.database, noFailure);
      note(uses, id, at);
      await uses.close();
    }
    assert.equal((await lastUseOf(kw(), id))?.last_used_at, 2_000);
  });

  test('that could not be written are kept and tried again', async () => {
    const [id = ''] = await newKeys(1);
    const { database } = kw().services;
    const failures: unknown[] = [];
    let refusals = 1;
    const failing: Database = {
      ...database,
      writeRelaxed: (change) =>
        refusals-- > 0 ? Promise.reject(new Error('not now')) : database.writeRelaxed(change),
    };
    const uses = createUses(failing, (error) => failures.push(error));
    note(uses, id, 7);
    while ((await lastUseOf(kw(), id)) === undefined) await pause(20);
    assert.equal(failures.length, 1);
    await uses.close();
  });

  test('that come in while a slow write is under way are written after it, without a further one', async (t) => {
    const [first = '', second = ''] = await newKeys(2);
    const { database } = kw().services;
    const started = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    let isFirst = true;
    const slow: Database = {
      ...database,
      writeRelaxed: async (change) => {
        if (isFirst) {
          isFirst = false;
          started.resolve();
          await released.promise;
        }
        return database.writeRelaxed(change);
      },
    };
    const uses = createUses(slow, noFailure);
    t.mock.timers.enable({ apis: ['setTimeout'] });
    note(uses, first, 1);
    t.mock.timers.tick(1_000);
    await started.promise;
    note(uses, second, 2);
    // The time for the next write comes while the first one still runs.
    t.mock.timers.tick(1_000);
    t.mock.timers.reset();
    released.resolve();
    while ((await lastUseOf(kw(), second)) === undefined) await pause(20);
    await uses.close();
  });
});

function counting(database: Database): { database: Database; writes: () => number } {
  let writes = 0;
  const counted: Database = {
    ...database,
    writeRelaxed: (change) => {
      writes += 1;
      return database.writeRelaxed(change);
    },
  };
  return { database: counted, writes: () => writes };
}

function lastUseOf(kw: Keywright, apiKeyId: string) {
  return kw.services.database.read
    .selectFrom('api_key_use')
    .select(['last_used_at', 'last_used_ip'])
    .where('api_key_id', '=', apiKeyId)
    .executeTakeFirst();
}
