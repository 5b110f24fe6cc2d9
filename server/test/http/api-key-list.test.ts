import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { issueKey, makeApplication } from '../fixtures.ts';
import { type Keywright, onBothDatabases } from '../harness.ts';

type Listed = { id: string; name: string; status: string; environment: string; maskedSecret: string };

onBothDatabases('GET /v1/api-keys', (kw) => {
  let big: string;
  let small: string;

  /** 30 keys of every status and environment in one application, 3 in another, one deleted. */
  before(async () => {
    big = (await makeApplication(kw())).id;
    small = (await makeApplication(kw())).id;
    const environments = ['development', 'staging', 'production'];
    for (let index = 0; index < 30; index++) {
      const environment = environments[index % 3];
      const expiresAt = index % 5 === 0 ? new Date(Date.now() + 3_600_000).toISOString() : null;
      const { apiKey } = await issueKey(kw(), big, {
        name: `Ünit ${String(index).padStart(2, '0')}`,
        environment,
        expiresAt,
      });
      if (index % 7 === 0) await kw().call('POST', `/v1/api-keys/${apiKey.id}/revoke`);
      else if (index % 4 === 0) await kw().call('POST', `/v1/api-keys/${apiKey.id}/disable`);
    }
    for (const name of ['zeta', 'Alpha', 'alpine']) await issueKey(kw(), small, { name });
    const { apiKey } = await issueKey(kw(), small, { name: 'Deleted' });
    await kw().call('DELETE', `/v1/api-keys/${apiKey.id}`);
    // The keys with an expiry are past it now; the job that notes it may or may not have seen that.
    kw().clock.ahead += 7_200_000;
  });

  test('newest first, without deleted keys, page by page to the end', async () => {
    const all = await readAll(kw(), '');
    assert.equal(all.length, 33);
    assert.deepEqual(
      all.slice(0, 3).map((key) => key.name),
      ['alpine', 'Alpha', 'zeta'],
    );
    assert.deepEqual(
      [...all].sort((a, b) => (a.id < b.id ? 1 : -1)),
      all,
    );
  });

  test('by name, in any case, page by page to the end', async () => {
    const names = (await readAll(kw(), 'sort=name')).map((key) => key.name.toLowerCase());
    assert.equal(names.length, 33);
    assert.deepEqual([...names].sort(), names);
    assert.deepEqual(names.slice(0, 3), ['alpha', 'alpine', 'zeta']);
  });

  for (const sort of ['newest', 'name']) {
    test(`each filter, and each two of them, finds exactly the keys that it names (${sort})`, async () => {
      const all = await readAll(kw(), '');
      for (const status of [undefined, 'active', 'inactive', 'expired', 'revoked']) {
        for (const environment of [undefined, 'development', 'staging', 'production']) {
          for (const application of [undefined, small]) {
            const filters = [
              ...(status ? [`status=${status}`] : []),
              ...(environment ? [`environment=${environment}`] : []),
              ...(application ? [`applicationId=${application}`] : []),
              `sort=${sort}`,
            ].join('&');
            const found = await readAll(kw(), filters);
            const expected = all.filter(
              (key) =>
                (status === undefined || key.status === status) &&
                (environment === undefined || key.environment === environment) &&
                (application === undefined || ['zeta', 'Alpha', 'alpine'].includes(key.name)),
            );
            assert.deepEqual(
              found.map((key) => key.id).sort(),
              expected.map((key) => key.id).sort(),
              filters,
            );
          }
        }
      }
    });
  }

  test('every status occurs, so the filters above were put to the test', async () => {
    const statuses = new Set((await readAll(kw(), '')).map((key) => key.status));
    assert.deepEqual([...statuses].sort(), ['active', 'expired', 'inactive', 'revoked']);
  });

  describe('query', () => {
    test('the start of a name in any case, sorted by name', async () => {
      assert.deepEqual(
        (await readAll(kw(), 'query=ALP')).map((key) => key.name),
        ['Alpha', 'alpine'],
      );
      assert.equal((await readAll(kw(), `query=${encodeURIComponent('üNIT 1')}`)).length, 10);
    });

    test('an id', async () => {
      const [key] = await readAll(kw(), 'query=zeta');
      assert.deepEqual(
        (await readAll(kw(), `query=${key?.id}`)).map((found) => found.name),
        ['zeta'],
      );
    });

    test('the last four of the masked secret', async () => {
      const [key] = await readAll(kw(), 'query=zeta');
      const found = await readAll(kw(), `query=${key?.maskedSecret.slice(-4)}`);
      assert.ok(found.some((each) => each.id === key?.id));
    });

    test('characters that mean something to LIKE mean themselves', async () => {
      assert.deepEqual(await readAll(kw(), 'query=%25'), []);
      assert.deepEqual(await readAll(kw(), 'query=_'), []);
    });
  });

  test('the creator', async () => {
    const [key] = (await kw().call('GET', '/v1/api-keys?limit=1')).body.data;
    assert.equal((await readAll(kw(), `createdBy=${key.createdBy}`)).length, 33);
    assert.equal((await readAll(kw(), 'createdBy=mk_nobody')).length, 0);
  });

  test('400: a cursor of another order, or that is none, is refused by name', async () => {
    const { nextCursor } = (await kw().call('GET', '/v1/api-keys?limit=1')).body;
    for (const query of [
      'cursor=nonsense',
      `cursor=${nextCursor}&sort=name`,
      'status=gone',
      'limit=0',
      'colour=red',
    ]) {
      const answer = await kw().call('GET', `/v1/api-keys?${query}`);
      assert.equal(answer.status, 400, query);
      assert.equal(answer.body.errors[0].pointer, `?${query.split('=')[0]}`);
    }
  });
});

/** All pages of seven keys each. */
async function readAll(kw: Keywright, filters: string): Promise<Listed[]> {
  const keys: Listed[] = [];
  let cursor: string | null = null;
  do {
    const query: string = [`limit=7`, filters, cursor && `cursor=${cursor}`].filter(Boolean).join('&');
    const answer = await kw.call('GET', `/v1/api-keys?${query}`);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    keys.push(...answer.body.data);
    cursor = answer.body.nextCursor;
  } while (cursor !== null);
  return keys;
}
