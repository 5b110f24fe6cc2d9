import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { onBothDatabases } from '../harness.ts';
import { apiCalls, fullScope, readScope } from './api-calls.ts';

type Wrong = { pointer: string; message: string };

onBothDatabases('what APIs refuse', (kw) => {
  const { create, patch } = apiCalls(kw);

  describe('400', () => {
    const refused = async (fields: Record<string, unknown>) => {
      const answer = await kw().call('POST', '/v1/apis', {
        body: { name: 'Wrong', slug: 'wrong', scopes: [readScope('wrong')], ...fields },
      });
      assert.deepEqual(
        [answer.status, answer.body.code],
        [400, 'invalid_request'],
        JSON.stringify(answer.body),
      );
      assert.deepEqual((await kw().call('GET', '/v1/apis?slug=wrong')).body.data, []);
      return answer.body.errors as Wrong[];
    };
    const pointers = (errors: Wrong[]) => errors.map((error) => error.pointer);

    test('every field that is wrong is named', async () => {
      assert.deepEqual(
        pointers(
          await refused({
            name: '',
            slug: 'No Slug',
            colour: 'red',
            scopes: [{ name: 'with space', access: 'write', description: 7 }],
            endpoints: [{ method: 'FETCH', path: 5, scopes: 'all' }],
          }),
        ).sort(),
        [
          '/colour',
          '/endpoints/0/method',
          '/endpoints/0/path',
          '/endpoints/0/scopes',
          '/name',
          '/scopes/0/access',
          '/scopes/0/description',
          '/scopes/0/name',
          '/slug',
        ],
      );
    });

    for (const slug of ['', '-a', 'a-', 'a--b', 'A', 'a_b', 'é', 'a'.repeat(64)]) {
      test(`${JSON.stringify(slug)} is no slug`, async () => {
        assert.deepEqual(pointers(await refused({ slug })), ['/slug']);
      });
    }

    test('a path that no request can have is named with its remedy', async () => {
      const endpoint = (path: string) => ({ method: 'GET', path, scopes: [] });
      const errors = await refused({
        endpoints: ['/fine', 'fine', '/a//b', '/a?x=1', '/a/../b'].map(endpoint),
      });
      assert.deepEqual(pointers(errors), [
        '/endpoints/1/path',
        '/endpoints/2/path',
        '/endpoints/3/path',
        '/endpoints/4/path',
      ]);
      assert.match(String(errors[0]?.message), /start with "\/"/);
    });

    test('one method and shape twice is one endpoint too many, whatever the parameters are called', async () => {
      const errors = await refused({
        endpoints: [
          { method: 'GET', path: '/a/{x}' },
          { method: 'POST', path: '/a/{x}' },
          { method: 'GET', path: '/%61/{y}' },
        ],
      });
      assert.deepEqual(pointers(errors), ['/endpoints/2/path']);
      assert.match(String(errors[0]?.message), /\/endpoints\/0/);
    });

    test("an endpoint's scopes must be scopes of this API, not of another", async () => {
      await create('elsewhere');
      const errors = await refused({
        endpoints: [{ method: 'GET', path: '/a', scopes: ['wrong:read', 'elsewhere:read'] }],
      });
      assert.deepEqual(pointers(errors), ['/endpoints/0/scopes/1']);
    });

    test('a scope declared twice', async () => {
      assert.deepEqual(pointers(await refused({ scopes: [readScope('wrong'), readScope('wrong')] })), [
        '/scopes/1/name',
      ]);
    });

    test('one endpoint or scope too many', async () => {
      const endpoints = Array.from({ length: 20_001 }, (_, index) => ({ method: 'GET', path: `/${index}` }));
      const scopes = Array.from({ length: 1_001 }, (_, index) => ({ name: `s${index}`, access: 'read' }));
      assert.deepEqual(pointers(await refused({ endpoints, scopes })).sort(), ['/endpoints', '/scopes']);
    });

    test('tens of thousands of unknown fields are a problem like any other', async () => {
      const unknown = Array.from({ length: 50_000 }, (_, index) => `"f${index}":0`).join(',');
      const answer = await kw().call('POST', '/v1/apis', { raw: `{${unknown}}` });
      assert.deepEqual([answer.status, answer.body.errors.length], [400, 100]);
    });

    test('413: more of it than anybody needs, within its bytes', async () => {
      for (const [raw, said] of [
        [`{${Array.from({ length: 50_001 }, (_, n) => `"f${n}":0`).join()}}`, /more than 50000 members/],
        [`{"endpoints":[${'0,'.repeat(2_500_000)}0]}`, /more than 2500000 values/],
      ] as const) {
        const answer = await kw().call('POST', '/v1/apis', { raw });
        assert.deepEqual([answer.status, answer.body.code], [413, 'body_too_large']);
        assert.match(answer.body.detail, said);
      }
    });

    test('PATCH cannot drop a scope that endpoints still ask for, nor let an endpoint ask for none of its scopes', async () => {
      const api = await create('guarded');
      const dropped = await patch(api.id, { scopes: [fullScope('guarded')] });
      assert.deepEqual([dropped.status, pointers(dropped.body.errors)], [400, ['/scopes']]);
      assert.match(dropped.body.errors[0].message, /guarded:read, which GET \/things asks for/);
      const asked = await patch(api.id, {
        endpoints: [{ method: 'GET', path: '/things', scopes: ['guarded:admin'] }],
      });
      assert.deepEqual([asked.status, pointers(asked.body.errors)], [400, ['/endpoints/0/scopes/0']]);
      assert.equal((await kw().call('GET', `/v1/apis/${api.id}`)).headers.get('etag'), '"1"');
    });

    test('an id of another kind is said to be one', async () => {
      const answer = await kw().call('GET', '/v1/apis/app_01jd0c8rkee1t9n9p5mj6x2q7v');
      assert.deepEqual([answer.status, answer.body.errors[0].pointer], [400, ':id']);
    });
  });

  test('403: each verb needs its own scope', async () => {
    const api = await create('forbidden');
    const key = await kw().newManagementKey(['apis:read']);
    const calls = [
      ['POST', '/v1/apis', 'apis:create', { name: 'No', slug: 'no' }],
      ['PATCH', `/v1/apis/${api.id}`, 'apis:update', { name: 'No' }],
      ['DELETE', `/v1/apis/${api.id}`, 'apis:delete', undefined],
    ] as const;
    for (const [method, path, scope, body] of calls) {
      const answer = await kw().call(method, path, { key, body });
      assert.equal(answer.status, 403, method);
      assert.match(answer.body.detail, new RegExp(scope));
    }
    assert.equal((await kw().call('GET', `/v1/apis/${api.id}`, { key })).status, 200);
    const other = await kw().newManagementKey(['teams:read']);
    assert.equal((await kw().call('GET', '/v1/apis', { key: other })).status, 403);
  });

  test("404: another organization's API is not found, and its slug and scope names are free", async () => {
    const api = await create('ours');
    const { adminKey: key } = await kw().newOrganization('Other');
    for (const [method, body] of [['GET'], ['PATCH', { name: 'Theirs' }], ['DELETE']] as const) {
      const answer = await kw().call(method, `/v1/apis/${api.id}`, { key, body });
      assert.equal(answer.status, 404, method);
    }
    assert.deepEqual((await kw().call('GET', '/v1/apis', { key })).body.data, []);
    const theirs = await kw().call('POST', '/v1/apis', {
      key,
      body: { name: 'Theirs', slug: 'ours', scopes: [readScope('ours')] },
    });
    assert.equal(theirs.status, 201);
  });

  describe('409', () => {
    test('a slug is taken, for a new API and for a changed one', async () => {
      await create('taken');
      const answer = await kw().call('POST', '/v1/apis', { body: { name: 'Second', slug: 'taken' } });
      assert.deepEqual([answer.status, answer.body.code], [409, 'slug_taken']);
      assert.equal(answer.body.errors[0].pointer, '/slug');
      const other = await create('free');
      assert.equal((await patch(other.id, { slug: 'taken' })).body.code, 'slug_taken');
    });

    test('a scope name is taken: the answer names the scope and the API that has it', async () => {
      await create('owner');
      const answer = await kw().call('POST', '/v1/apis', {
        body: { name: 'Second', slug: 'second', scopes: [readScope('second'), readScope('owner')] },
      });
      assert.deepEqual([answer.status, answer.body.code], [409, 'conflict']);
      assert.match(answer.body.detail, /API owner has owner:read/);
      assert.deepEqual(
        answer.body.errors.map((error: Wrong) => error.pointer),
        ['/scopes/1/name'],
      );
      const other = await create('borrower');
      const changed = await patch(other.id, { scopes: [...other.scopes, fullScope('owner')] });
      assert.deepEqual([changed.status, changed.body.code], [409, 'conflict']);
    });

    test('of two callers who make the same slug at once, one wins', async () => {
      const answers = await Promise.all(
        [1, 2, 3, 4].map(() => kw().call('POST', '/v1/apis', { body: { name: 'Race', slug: 'race' } })),
      );
      assert.deepEqual(answers.map((answer) => answer.status).sort(), [201, 409, 409, 409]);
    });
  });

  test('412: a change made from an old reading is refused', async () => {
    const api = await create('read-twice');
    await patch(api.id, { name: 'Changed meanwhile' });
    const answer = await patch(api.id, { name: 'Lost' }, { 'If-Match': '"1"' });
    assert.deepEqual([answer.status, answer.body.code], [412, 'precondition_failed']);
    assert.equal((await patch(api.id, { name: 'Kept' }, { 'If-Match': '"2"' })).status, 200);
  });

  test('400: a slug of millions of characters is too long, and no more than that', async () => {
    const slug = `${'a'.repeat(15_000_000)}!`;
    const { status, body } = await kw().call('POST', '/v1/apis', { body: { name: 'Long', slug } });
    assert.deepEqual([status, body.errors?.length, body.errors?.[0].pointer], [400, 1, '/slug']);
  });

  test('413: a body of more than 16 MB is refused', async () => {
    const answer = await kw().call('POST', '/v1/apis', { raw: `{"name":"${'x'.repeat(16_000_000)}"}` });
    assert.deepEqual([answer.status, answer.body.code], [413, 'body_too_large']);
  });
});
