import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendChanges } from '../../src/coherence/append-changes.ts';
import { onBothDatabases } from '../harness.ts';

onBothDatabases('the change log', (kw) => {
  test('one change may name more subjects than a statement has room for, each once', async () => {
    const subjects = Array.from({ length: 20_000 }, (_, index) => ({
      kind: 'application',
      id: `app_${index}`,
    }));
    const { database, clock } = kw().services;
    const seq = await database.write((tx) =>
      appendChanges(database, tx, [...subjects, ...subjects.slice(0, 10)], kw().organizationId, clock()),
    );
    const { logged } = await database.read
      .selectFrom('change_log')
      .select((eb) => eb.fn.countAll<number>().as('logged'))
      .where('seq', '=', seq)
      .executeTakeFirstOrThrow();
    assert.equal(Number(logged), subjects.length);
  });
});
