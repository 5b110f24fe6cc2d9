import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Writer } from '../../src/database/database.ts';
import { startTestKeywright } from '../harness.ts';

test('of two transactions that wait for each other on PostgreSQL both are done, one of them again', async () => {
  const kw = await startTestKeywright('postgres');
  try {
    const { database, newId } = kw.services;
    const ids = [newId('team'), newId('team')];
    for (const [index, id] of ids.entries()) {
      const at = { revision: 1, created_at: 0, updated_at: 0, production_granted_at: null };
      const name = `Team ${index}`;
      const row = { id, organization_id: kw.organizationId, name, name_key: name, ...at };
      await database.write((tx) => tx.insertInto('team').values(row).execute());
    }
    const count = (tx: Writer, id: string | undefined) =>
      tx
        .updateTable('team')
        .set((eb) => ({ revision: eb('revision', '+', 1) }))
        .where('id', '=', String(id))
        .execute();
    let runs = 0;
    let arrive = () => {};
    const bothHoldOne = new Promise<void>((resolve) => {
      arrive = () => {
        if (++runs === 2) resolve();
      };
    });
    const inOrder = (order: readonly (string | undefined)[]) =>
      database.write(async (tx) => {
        await count(tx, order[0]);
        arrive();
        await bothHoldOne;
        await count(tx, order[1]);
      });
    await Promise.all([inOrder([ids[0], ids[1]]), inOrder([ids[1], ids[0]])]);
    const rows = await database.read.selectFrom('team').select('revision').where('id', 'in', ids).execute();
    assert.deepEqual(
      rows.map((row) => row.revision),
      [3, 3],
    );
    assert.ok(runs >= 3, 'one of them was done again');
  } finally {
    await kw.close();
  }
});
