import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApi } from '../../../src/domain/apis/create-api.ts';
import { updateApi } from '../../../src/domain/apis/update-api.ts';
import { onBothDatabases } from '../../harness.ts';

onBothDatabases('an API with thousands of endpoints', (kw) => {
  /** How often others could have done something meanwhile. */
  async function turnsDuring<Result>(act: () => Promise<Result>): Promise<{ result: Result; turns: number }> {
    let turns = 0;
    const count = () => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    try {
      return { result: await act(), turns };
    } finally {
      clearImmediate(next);
    }
  }

  test('is stored with others let in between, and changed so', async () => {
    const endpoints = (scopes: string[]) =>
      Array.from({ length: 4_000 }, (_, index) => ({
        method: 'GET' as const,
        path: `/many/${index}`,
        scopes,
      }));
    const scopes = [{ name: 'many:read', description: '', access: 'read' as const }];
    const made = await turnsDuring(() =>
      createApi(kw().ctx(), { name: 'Many', slug: 'many', scopes, endpoints: endpoints([]) }),
    );
    const { id } = made.result.result.value;
    const changed = await turnsDuring(() =>
      updateApi(kw().ctx(), id, { endpoints: endpoints(['many:read']) }),
    );
    assert.equal(made.result.result.value.endpoints.length, 4_000);
    assert.deepEqual(changed.result.result.value.endpoints[3_999]?.scopes, ['many:read']);
    // Checking lets in after 500, writing after 200, reading after 1,000.
    assert.ok(made.turns >= 8 + 20 + 4, `${made.turns} turns`);
    assert.ok(changed.turns >= 4 + 8 + 20 + 20 + 4, `${changed.turns} turns`);
  });
});
