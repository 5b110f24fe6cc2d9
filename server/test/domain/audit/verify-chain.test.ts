import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AuditEventTable } from '../../../src/database/schema.ts';
import { hashEvent } from '../../../src/domain/audit/hash-event.ts';
import { listChains } from '../../../src/domain/audit/list-chains.ts';
import { verifyChain } from '../../../src/domain/audit/verify-chain.ts';
import { createTeam } from '../../../src/domain/teams/create-team.ts';
import { onBothDatabases } from '../../harness.ts';
import { breakOf, length, newChain } from './tampered-chain.ts';

onBothDatabases('the audit chain', (kw, kind) => {
  test('a chain that nobody touched is whole, up to its head', async () => {
    const { verify, at } = await newChain(kw());
    const verdict = await verify();
    assert.ok(verdict.ok);
    assert.equal(verdict.events, length);
    assert.deepEqual(verdict.head, { seq: length, hash: (await at(length)).hash });
  });

  test('a chain of more than one page is walked to its end', async () => {
    const { chain, verify } = await newChain(kw());
    await extend(chain, 1_100);
    const verdict = await verify();
    assert.deepEqual([verdict.ok, verdict.events], [true, length + 1_100]);
  });

  test('a chain that grows while it is read is whole', async () => {
    const { chain, verify } = await newChain(kw());
    const growing = (async () => {
      for (let n = 0; n < 20; n++) {
        await createTeam(kw().ctx(chain), { name: `Meanwhile ${n}`, mayTouchProductionKeys: false });
      }
    })();
    const verdicts = [];
    for (let n = 0; n < 10; n++) verdicts.push(await verify());
    await growing;
    assert.deepEqual(
      verdicts.map((verdict) => verdict.ok),
      verdicts.map(() => true),
    );
    assert.equal((await verify()).events, length + 20);
  });

  describe('changed', () => {
    const fields: Partial<AuditEventTable>[] = [
      { id: 'evt_other' },
      { at: 1 },
      { actor_type: 'member' },
      { actor_id: 'usr_someone' },
      { action: 'team.deleted' },
      { target_type: 'api_key' },
      { target_id: 'team_other' },
      { before: '{}' },
      { after: null },
      { after: '{"name":"Other"}' },
      { request_id: 'req_other' },
      { ip: '192.0.2.1' },
      { user_agent: 'other' },
      { hash: 'f'.repeat(64) },
    ];
    for (const values of fields) {
      test(`an event with another ${JSON.stringify(values)}`, async () => {
        const { update, verify } = await newChain(kw());
        await update(4, values);
        assert.deepEqual(breakOf(await verify()), ['changed', 4, 3]);
      });
    }

    for (const seq of [1, length]) {
      test(`event ${seq} of ${length}`, async () => {
        const { update, verify } = await newChain(kw());
        await update(seq, { actor_id: 'mk_innocent' });
        assert.deepEqual(breakOf(await verify()), ['changed', seq, seq - 1]);
      });
    }

    test('an event whose number no program can read', async () => {
      const { update, verify } = await newChain(kw());
      await update(4, { at: 2 ** 62 });
      assert.deepEqual(breakOf(await verify()), ['changed', 4, 3]);
    });

    test('an event that was made to fit, hash and head too, with another key than the audit key', async () => {
      const { at, update, setHead, verify } = await newChain(kw());
      const last = { ...(await at(length)), actor_id: 'mk_innocent' };
      const hash = hashEvent(Buffer.alloc(32), (await at(length - 1)).hash, last);
      await update(length, { actor_id: last.actor_id, hash });
      await setHead(length, hash);
      assert.deepEqual(breakOf(await verify()), ['changed', length, length - 1]);
    });
  });

  describe('removed', () => {
    const cases: { gone: number[]; first: number; words: RegExp }[] = [
      { gone: [4], first: 4, words: /Event 4 was removed/ },
      { gone: [4, 5, 6], first: 4, words: /Events 4 to 6 were removed/ },
      { gone: [1], first: 1, words: /Event 1 was removed/ },
    ];
    for (const { gone, first, words } of cases) {
      test(`events ${gone.join(', ')}`, async () => {
        const { remove, verify } = await newChain(kw());
        await remove(...gone);
        const verdict = await verify();
        assert.deepEqual(breakOf(verdict), ['removed', first, first - 1]);
        assert.match(verdict.ok ? '' : verdict.break.message, words);
      });
    }

    test('an event, and the ones behind it were given its number to close the gap', async () => {
      const { remove, renumber, setHead, at, verify } = await newChain(kw());
      await remove(3);
      await renumber(4, -1);
      await setHead(length - 1, (await at(length - 1)).hash);
      assert.deepEqual(breakOf(await verify()), ['removed', 3, 2]);
    });
  });

  describe('inserted', () => {
    const forged = (row: AuditEventTable, seq: number): AuditEventTable => ({
      ...row,
      seq,
      id: 'evt_forged',
      hash: 'a'.repeat(64),
    });

    test('an event in the middle, with the ones behind it moved up', async () => {
      const { renumber, insert, setHead, at, verify } = await newChain(kw());
      await renumber(4, 1);
      await insert(forged(await at(3), 4));
      await setHead(length + 1, (await at(length + 1)).hash);
      assert.deepEqual(breakOf(await verify()), ['inserted', 4, 3]);
    });

    test('two events in the middle', async () => {
      const { renumber, insert, at, verify } = await newChain(kw());
      await renumber(4, 2);
      for (const seq of [4, 5]) await insert(forged(await at(3), seq));
      const verdict = await verify();
      assert.deepEqual(breakOf(verdict), ['inserted', 4, 3]);
      assert.match(verdict.ok ? '' : verdict.break.message, /Events 4 to 5/);
    });

    test('an event before the first one', async () => {
      const { insert, at, verify } = await newChain(kw());
      await insert(forged(await at(1), 0));
      assert.deepEqual(breakOf(await verify()), ['inserted', 1, 0]);
    });

    test("an event behind the last one, a copy of another's", async () => {
      const { insert, at, verify } = await newChain(kw());
      await insert({ ...(await at(length)), seq: length + 1 });
      assert.deepEqual(breakOf(await verify()), ['inserted', length + 1, length]);
    });

    test('an event far behind the last one', async () => {
      const { insert, at, verify } = await newChain(kw());
      await insert(forged(await at(length), length + 100));
      assert.deepEqual(breakOf(await verify()), ['inserted', length + 1, length]);
    });

    if (kind === 'sqlite') {
      test('an event between two numbers, as SQLite lets one write it', async () => {
        const { insert, at, verify } = await newChain(kw());
        await insert(forged(await at(3), 3.5));
        assert.deepEqual(breakOf(await verify()), ['inserted', 4, 3]);
      });
    }
  });

  describe('reordered', () => {
    for (const [a, b] of [
      [4, 5],
      [2, 7],
      [1, 2],
      [1, length],
    ] as const) {
      test(`events ${a} and ${b} exchanged`, async () => {
        const { swap, verify } = await newChain(kw());
        await swap(a, b);
        const verdict = await verify();
        assert.deepEqual(breakOf(verdict), ['reordered', a, a - 1]);
        assert.match(verdict.ok ? '' : verdict.break.message, new RegExp(`was written as event ${b}`));
      });
    }

    test('three events moved round', async () => {
      const { swap, verify } = await newChain(kw());
      await swap(3, 4);
      await swap(4, 5);
      assert.deepEqual(breakOf(await verify()), ['reordered', 3, 2]);
    });
  });

  describe('the head', () => {
    test('a tail that was cut off is found by the head that still names it', async () => {
      const { remove, verify } = await newChain(kw());
      await remove(length - 1, length);
      assert.deepEqual(breakOf(await verify()), ['head_disagrees', length - 1, length - 2]);
    });

    test('all events gone and the head left is found', async () => {
      const { remove, verify } = await newChain(kw());
      await remove(...Array.from({ length }, (_, index) => index + 1));
      assert.deepEqual(breakOf(await verify()), ['head_disagrees', 1, 0]);
    });

    test('a tail cut off with the head put back is not found without a kept head, and found with one', async () => {
      const { remove, setHead, at, verify } = await newChain(kw());
      const kept = { seq: length, hash: (await at(length)).hash };
      assert.equal((await verify([kept])).ok, true);
      await remove(length - 1, length);
      await setHead(length - 2, (await at(length - 2)).hash);
      assert.equal((await verify()).ok, true);
      assert.deepEqual(breakOf(await verify([kept])), ['cut_tail', length - 1, length - 2]);
    });

    test('a head that was put back while the events stayed is found', async () => {
      const { setHead, at, verify } = await newChain(kw());
      await setHead(5, (await at(5)).hash);
      assert.deepEqual(breakOf(await verify()), ['head_disagrees', 5, length]);
    });

    test('a head with another hash is found', async () => {
      const { setHead, verify } = await newChain(kw());
      await setHead(length, 'b'.repeat(64));
      assert.deepEqual(breakOf(await verify()), ['head_disagrees', length, length]);
    });

    test('a head that is missing is found', async () => {
      const { chain, verify } = await newChain(kw());
      await kw().services.database.write((tx) =>
        tx.deleteFrom('audit_head').where('chain', '=', chain).execute(),
      );
      assert.deepEqual(breakOf(await verify()), ['head_disagrees', length, length]);
    });

    test('a chain written anew with the audit key agrees with itself, but not with a kept head', async () => {
      const { at, update, setHead, verify } = await newChain(kw());
      const kept = { seq: 5, hash: (await at(5)).hash };
      let { hash } = await at(3);
      for (let seq = 4; seq <= length; seq++) {
        const event = { ...(await at(seq)), actor_id: 'mk_innocent' };
        const { hash: _, ...unsigned } = event;
        hash = hashEvent(kw().services.auditKey, hash, unsigned);
        await update(seq, { actor_id: 'mk_innocent', hash });
      }
      await setHead(length, hash);
      assert.equal((await verify()).ok, true);
      assert.deepEqual(breakOf(await verify([kept])), ['kept_head_disagrees', 5, length]);
    });
  });

  test('an organization that was taken away whole is still among the chains, and its chain is broken', async () => {
    const { chain } = await newChain(kw());
    const { database, auditKey } = kw().services;
    await database.write(async (tx) => {
      await tx.deleteFrom('audit_event').where('chain', '=', chain).execute();
      await tx.deleteFrom('audit_head').where('chain', '=', chain).execute();
      await tx.deleteFrom('team').where('organization_id', '=', chain).execute();
      await tx.deleteFrom('management_key').where('organization_id', '=', chain).execute();
      await tx.deleteFrom('organization').where('id', '=', chain).execute();
    });
    assert.ok((await listChains(database.read)).includes(chain));
    assert.deepEqual(breakOf(await verifyChain(database.read, auditKey, chain)), ['head_disagrees', 0, 0]);
  });

  /** Appends events that fit, many at a time. */
  async function extend(chain: string, count: number): Promise<void> {
    const { database, auditKey } = kw().services;
    await database.write(async (tx) => {
      const head = await database.lockAuditHead(tx, chain);
      assert.ok(head !== undefined);
      let { seq, hash } = head;
      for (let made = 0; made < count; made += 100) {
        const rows = Array.from({ length: 100 }, () => {
          seq += 1;
          const event = {
            ...{ chain, seq, id: `evt_${seq}`, at: seq, actor_type: 'system' as const, actor_id: 'system' },
            ...{
              action: 'team.updated',
              target_type: 'team',
              target_id: 'team_1',
              before: null,
              after: null,
            },
            ...{ request_id: 'req_test', ip: null, user_agent: null },
          };
          hash = hashEvent(auditKey, hash, event);
          return { ...event, hash };
        });
        await tx.insertInto('audit_event').values(rows).execute();
      }
      await tx.updateTable('audit_head').set({ seq, hash }).where('chain', '=', chain).execute();
    });
  }
});
