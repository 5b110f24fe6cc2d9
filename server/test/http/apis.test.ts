import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { issueKey, makeApplication, verify } from '../fixtures.ts';
import { auditEvents, type Keywright, onBothDatabases } from '../harness.ts';

type Wrong = { pointer: string; message: string };
const read = (slug: string) => ({ name: `${slug}:read`, description: 'See', access: 'read' });
const full = (slug: string) => ({ name: `${slug}:full`, description: 'Change', access: 'full' });

/** The numbers that verifiers go by. */
async function revisions(kw: Keywright, apiId: string, applicationId: string) {
  const { read } = kw.services.database;
  const api = await read.selectFrom('api').select('revision').where('id', '=', apiId).executeTakeFirst();
  const { access_revision } = await read
    .selectFrom('application')
    .select('access_revision')
    .where('id', '=', applicationId)
    .executeTakeFirstOrThrow();
  return { api: api?.revision, access: access_revision };
}

/** What verifiers were told of the newest change. */
async function newestSubjects(kw: Keywright) {
  const rows = await kw.services.database.read
    .selectFrom('change_log')
    .select(['kind', 'subject'])
    .where('seq', '=', (eb) => eb.selectFrom('change_counter').select('seq'))
    .execute();
  return rows.map((row) => `${row.kind} ${row.subject}`).sort();
}

onBothDatabases('apis', (kw) => {
  const create = async (slug: string, fields: Record<string, unknown> = {}) => {
    const answer = await kw().call('POST', '/v1/apis', {
      body: {
        name: `The ${slug} API`,
        slug,
        scopes: [read(slug), full(slug)],
        endpoints: [
          { method: 'GET', path: '/things', scopes: [`${slug}:read`] },
          { method: 'GET', path: '/things/{id}', scopes: [`${slug}:read`] },
          { method: 'POST', path: '/things', scopes: [`${slug}:full`] },
        ],
        ...fields,
      },
    });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  };
  const patch = (id: string, body: unknown, headers: Record<string, string> = {}) =>
    kw().call('PATCH', `/v1/apis/${id}`, { body, headers });
  const connectionsOf = async (applicationId: string) =>
    (await kw().call('GET', `/v1/applications/${applicationId}/connections`)).body.connections;

  describe('201', () => {
    test('POST /v1/apis answers the API whole, with ids, in the order given, and writes its audit event', async () => {
      const api = await create('whole');
      assert.match(api.id, /^api_[0-9a-z]{26}$/);
      assert.deepEqual(api.scopes, [read('whole'), full('whole')]);
      assert.deepEqual(
        api.endpoints.map((endpoint: { id: string }) => ({ ...endpoint, id: endpoint.id.slice(0, 3) })),
        [
          { id: 'ep_', method: 'GET', path: '/things', scopes: ['whole:read'] },
          { id: 'ep_', method: 'GET', path: '/things/{id}', scopes: ['whole:read'] },
          { id: 'ep_', method: 'POST', path: '/things', scopes: ['whole:full'] },
        ],
      );
      const [event] = await auditEvents(kw(), 1);
      assert.deepEqual([event?.action, event?.target_id, event?.before], ['api.created', api.id, null]);
      assert.deepEqual(JSON.parse(String(event?.after)), {
        name: 'The whole API',
        slug: 'whole',
        scopes: ['whole:read (read): See', 'whole:full (full): Change'],
        endpoints: ['GET /things (whole:read)', 'GET /things/{id} (whole:read)', 'POST /things (whole:full)'],
      });
    });

    test('an API may have neither scopes nor endpoints yet', async () => {
      const answer = await kw().call('POST', '/v1/apis', { body: { name: 'Empty', slug: 'empty' } });
      assert.deepEqual([answer.status, answer.body.scopes, answer.body.endpoints], [201, [], []]);
    });

    test('the same Idempotency-Key answers the same API and makes no second one', async () => {
      const options = { body: { name: 'Once', slug: 'once' }, headers: { 'Idempotency-Key': 'once' } };
      const first = await kw().call('POST', '/v1/apis', options);
      const second = await kw().call('POST', '/v1/apis', options);
      assert.deepEqual([second.status, second.body.id, second.body.replayed], [201, first.body.id, true]);
    });

    test('20,000 endpoints and 1,000 scopes fit, and an audit event names the first 20 of each', async () => {
      const scopes = Array.from({ length: 1_000 }, (_, index) => ({ name: `big:s${index}`, access: 'read' }));
      const endpoints = Array.from({ length: 20_000 }, (_, index) => ({
        method: 'GET',
        path: `/big/${index}/{id}`,
        scopes: [`big:s${index % 1_000}`],
      }));
      const api = await create('big', { scopes, endpoints });
      assert.deepEqual([api.scopes.length, api.endpoints.length], [1_000, 20_000]);
      assert.deepEqual([api.scopes[999].name, api.endpoints[19_999].path], ['big:s999', '/big/19999/{id}']);
      const [event] = await auditEvents(kw(), 1);
      const after = JSON.parse(String(event?.after));
      assert.deepEqual(
        [after.scopes.length, after.scopes[20], after.endpoints.length, after.endpoints[20]],
        [21, 'and 980 more', 21, 'and 19980 more'],
      );
      const changed = await patch(api.id, {
        endpoints: endpoints.map((endpoint) => ({ ...endpoint, scopes: [] })),
      });
      assert.equal(changed.status, 200);
      assert.deepEqual(
        changed.body.endpoints.map(({ id }: { id: string }) => id),
        api.endpoints.map(({ id }: { id: string }) => id),
      );
      assert.equal((await kw().call('DELETE', `/v1/apis/${api.id}`)).status, 200);
    });
  });

  describe('200', () => {
    test('GET /v1/apis/{id} answers what was made, with an ETag', async () => {
      const { propagation: _, ...api } = await create('read-again');
      const answer = await kw().call('GET', `/v1/apis/${api.id}`);
      assert.deepEqual([answer.status, answer.headers.get('etag')], [200, '"1"']);
      assert.deepEqual(answer.body, api);
    });

    test('GET /v1/apis lists newest first, with counts instead of scopes and endpoints, page by page', async () => {
      for (const slug of ['page-1', 'page-2', 'page-3']) await create(slug);
      const seen: { slug: string }[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const { body }: { body: { data: { slug: string }[]; nextCursor: string | null } } = await kw().call(
          'GET',
          `/v1/apis?limit=2${cursor && `&cursor=${cursor}`}`,
        );
        seen.push(...body.data);
        cursor = body.nextCursor;
      }
      assert.equal(new Set(seen.map((api) => api.slug)).size, seen.length);
      assert.deepEqual(
        seen.slice(0, 3).map((api) => api.slug),
        ['page-3', 'page-2', 'page-1'],
      );
      const { slug, scopeCount, endpointCount, ...others } = seen[0] as Record<string, unknown> & {
        slug: string;
      };
      assert.deepEqual([slug, scopeCount, endpointCount], ['page-3', 2, 3]);
      assert.deepEqual(Object.keys(others), ['id', 'name', 'createdAt', 'createdBy', 'updatedAt']);
    });

    test('GET /v1/apis?slug= finds the one API with this slug', async () => {
      const api = await create('by-slug');
      const { body } = await kw().call('GET', '/v1/apis?slug=by-slug');
      assert.deepEqual(
        body.data.map(({ id }: { id: string }) => id),
        [api.id],
      );
      assert.deepEqual((await kw().call('GET', '/v1/apis?slug=no-such')).body.data, []);
    });

    test('PATCH keeps the ids of endpoints whose method and shape stay, and adds and removes the others', async () => {
      const api = await create('patched');
      const [list, one, post] = api.endpoints;
      const answer = await patch(api.id, {
        endpoints: [
          { method: 'DELETE', path: '/things/{id}', scopes: ['patched:full'] },
          { method: 'GET', path: '/things/{thing}', scopes: ['patched:read'] },
          { method: 'POST', path: '/things', scopes: ['patched:full', 'patched:read', 'patched:full'] },
        ],
      });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('etag'), '"2"');
      const added = answer.body.endpoints.find(
        (endpoint: { method: string }) => endpoint.method === 'DELETE',
      );
      assert.deepEqual(answer.body.endpoints, [
        { ...one, path: '/things/{thing}' },
        { ...post, scopes: ['patched:full', 'patched:read'] },
        added,
      ]);
      const [event] = await auditEvents(kw(), 1);
      assert.equal(event?.action, 'api.updated');
      assert.deepEqual(JSON.parse(String(event?.before)), {
        endpoints: {
          changed: ['GET /things/{id} (patched:read)', 'POST /things (patched:full)'],
          removed: [`GET /things (${list.scopes[0]})`],
        },
      });
      assert.deepEqual(JSON.parse(String(event?.after)), {
        endpoints: {
          changed: ['GET /things/{thing} (patched:read)', 'POST /things (patched:full, patched:read)'],
          added: ['DELETE /things/{id} (patched:full)'],
        },
      });
    });

    test('PATCH with what is there already changes nothing: no revision, no audit event', async () => {
      const api = await create('same');
      const [before] = await auditEvents(kw(), 1);
      const { name, slug, scopes } = api;
      const endpoints = api.endpoints.map(({ id: _, ...endpoint }: { id: string }) => endpoint);
      const answer = await patch(api.id, { name, slug, scopes, endpoints: endpoints.reverse() });
      assert.deepEqual([answer.status, answer.headers.get('etag')], [200, '"1"']);
      assert.equal((await auditEvents(kw(), 1))[0]?.seq, before?.seq);
    });

    test('PATCH changes name, slug and scopes, and the audit event says what they were', async () => {
      const api = await create('old-slug');
      const answer = await patch(api.id, {
        name: 'Renamed',
        slug: 'new-slug',
        scopes: [full('old-slug'), { ...read('old-slug'), description: 'See things' }, read('extra')],
      });
      assert.equal(answer.status, 200);
      assert.deepEqual([answer.body.name, answer.body.slug], ['Renamed', 'new-slug']);
      assert.deepEqual(
        answer.body.scopes.map((scope: { name: string }) => scope.name),
        ['old-slug:full', 'old-slug:read', 'extra:read'],
      );
      const [event] = await auditEvents(kw(), 1);
      assert.deepEqual(JSON.parse(String(event?.before)), {
        name: 'The old-slug API',
        slug: 'old-slug',
        scopes: ['old-slug:read (read): See'],
      });
      assert.deepEqual(JSON.parse(String(event?.after)), {
        name: 'Renamed',
        slug: 'new-slug',
        scopes: ['old-slug:read (read): See things', 'extra:read (read): See'],
      });
    });

    test('every change that can change a verdict reaches all connected applications; a new name does not', async () => {
      const api = await create('touching');
      const application = await makeApplication(kw(), { connectedTo: [api] });
      const other = await makeApplication(kw(), { connectedTo: [await create('untouched')] });
      const start = await revisions(kw(), api.id, application.id);
      const startOfOther = await revisions(kw(), api.id, other.id);
      const changes: unknown[] = [
        { slug: 'touching-2' },
        { scopes: [...api.scopes, read('touching-more')] },
        { endpoints: [{ method: 'GET', path: '/things', scopes: [] }] },
      ];
      for (const [index, change] of changes.entries()) {
        assert.equal((await patch(api.id, change)).status, 200);
        assert.deepEqual(await revisions(kw(), api.id, application.id), {
          api: Number(start.api) + index + 1,
          access: start.access + index + 1,
        });
        assert.deepEqual(await newestSubjects(kw()), [`api ${api.id}`, `application ${application.id}`]);
      }
      assert.equal((await revisions(kw(), api.id, other.id)).access, startOfOther.access);

      assert.equal((await patch(api.id, { name: 'Only a name' })).status, 200);
      assert.deepEqual(await revisions(kw(), api.id, application.id), {
        api: Number(start.api) + 4,
        access: start.access + 3,
      });
      assert.deepEqual(await newestSubjects(kw()), [`api ${api.id}`]);
    });

    test('endpoints that are gone leave every list; a list that becomes empty allows nothing, and "all" stays', async () => {
      const api = await create('listed');
      const [list, one, post] = api.endpoints;
      const some = await makeApplication(kw(), { connectedTo: [api], endpoints: [list.id, one.id] });
      const single = await makeApplication(kw(), { connectedTo: [api], endpoints: [one.id] });
      const kept = await makeApplication(kw(), { connectedTo: [api], endpoints: [post.id] });
      const all = await makeApplication(kw(), { connectedTo: [api] });
      const { id: _, ...staying } = list;
      await patch(api.id, {
        endpoints: [staying, { method: 'POST', path: '/things', scopes: ['listed:full'] }],
      });

      assert.deepEqual(await connectionsOf(some.id), [{ apiId: api.id, endpoints: [list.id] }]);
      assert.deepEqual(await connectionsOf(single.id), [{ apiId: api.id, endpoints: [] }]);
      assert.deepEqual(await connectionsOf(kept.id), [{ apiId: api.id, endpoints: [post.id] }]);
      assert.deepEqual(await connectionsOf(all.id), [{ apiId: api.id, endpoints: 'all' }]);

      const { secret } = await issueKey(kw(), single.id, { scopes: ['listed:read'] });
      const verdict = await verify(kw(), { secret, api: 'listed', method: 'GET', path: '/things' });
      assert.deepEqual(verdict.reason, 'endpoint_not_connected');
    });

    test('a verification after a change goes by the API as it is now', async () => {
      const api = await create('verified');
      const application = await makeApplication(kw(), { connectedTo: [api] });
      const { secret } = await issueKey(kw(), application.id, { scopes: ['verified:read'] });
      const ask = (slug: string, path: string) => verify(kw(), { secret, api: slug, method: 'GET', path });
      assert.equal((await ask('verified', '/things')).allowed, true);

      await patch(api.id, { endpoints: [{ method: 'GET', path: '/things', scopes: ['verified:full'] }] });
      assert.equal((await ask('verified', '/things')).reason, 'insufficient_scope');
      assert.equal((await ask('verified', '/things/1')).reason, 'unknown_endpoint');
      await patch(api.id, {
        slug: 'verified-2',
        endpoints: [{ method: 'GET', path: '/things', scopes: [] }],
      });
      assert.equal((await ask('verified', '/things')).allowed, false);
      assert.equal((await ask('verified-2', '/things')).allowed, true);
    });

    test('DELETE removes scopes, endpoints and connections, and no key passes at the API any more', async () => {
      const api = await create('doomed');
      const application = await makeApplication(kw(), { connectedTo: [api] });
      const { secret } = await issueKey(kw(), application.id, { scopes: ['doomed:read'] });
      const ask = () => verify(kw(), { secret, api: api.id, method: 'GET', path: '/things' });
      assert.equal((await ask()).allowed, true);
      const before = await revisions(kw(), api.id, application.id);

      const answer = await kw().call('DELETE', `/v1/apis/${api.id}`);
      assert.deepEqual([answer.status, answer.body.id], [200, api.id]);
      assert.deepEqual(Object.keys(answer.body.propagation), ['verifiers', 'milliseconds']);
      assert.equal((await ask()).allowed, false);
      assert.equal((await kw().call('GET', `/v1/apis/${api.id}`)).status, 404);
      assert.equal((await kw().call('DELETE', `/v1/apis/${api.id}`)).status, 404);
      assert.deepEqual(await connectionsOf(application.id), []);
      assert.deepEqual(await revisions(kw(), api.id, application.id), {
        api: undefined,
        access: before.access + 1,
      });
      assert.deepEqual(await newestSubjects(kw()), [`api ${api.id}`, `application ${application.id}`]);
      const [event] = await auditEvents(kw(), 1);
      assert.deepEqual([event?.action, event?.target_id, event?.after], ['api.deleted', api.id, null]);
      assert.equal(JSON.parse(String(event?.before)).connectedApplications, 1);
      for (const table of ['scope', 'endpoint', 'connection'] as const) {
        const rows = await kw()
          .services.database.read.selectFrom(table)
          .select('api_id')
          .where('api_id', '=', api.id)
          .execute();
        assert.deepEqual(rows, [], table);
      }
      await create('doomed');
    });
  });

  describe('400', () => {
    const refused = async (fields: Record<string, unknown>) => {
      const answer = await kw().call('POST', '/v1/apis', {
        body: { name: 'Wrong', slug: 'wrong', scopes: [read('wrong')], ...fields },
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
      assert.deepEqual(pointers(await refused({ scopes: [read('wrong'), read('wrong')] })), [
        '/scopes/1/name',
      ]);
    });

    test('one endpoint or scope too many', async () => {
      const endpoints = Array.from({ length: 20_001 }, (_, index) => ({ method: 'GET', path: `/${index}` }));
      const scopes = Array.from({ length: 1_001 }, (_, index) => ({ name: `s${index}`, access: 'read' }));
      assert.deepEqual(pointers(await refused({ endpoints, scopes })).sort(), ['/endpoints', '/scopes']);
    });

    test('hundreds of thousands of unknown fields are a problem like any other', async () => {
      const unknown = Array.from({ length: 300_000 }, (_, index) => `"f${index}":0`).join(',');
      const answer = await kw().call('POST', '/v1/apis', { raw: `{${unknown}}` });
      assert.deepEqual([answer.status, answer.body.errors.length], [400, 100]);
    });

    test('PATCH cannot drop a scope that endpoints still ask for, nor let an endpoint ask for none of its scopes', async () => {
      const api = await create('guarded');
      const dropped = await patch(api.id, { scopes: [full('guarded')] });
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
      body: { name: 'Theirs', slug: 'ours', scopes: [read('ours')] },
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
        body: { name: 'Second', slug: 'second', scopes: [read('second'), read('owner')] },
      });
      assert.deepEqual([answer.status, answer.body.code], [409, 'conflict']);
      assert.match(answer.body.detail, /API owner has owner:read/);
      assert.deepEqual(
        answer.body.errors.map((error: Wrong) => error.pointer),
        ['/scopes/1/name'],
      );
      const other = await create('borrower');
      const changed = await patch(other.id, { scopes: [...other.scopes, full('owner')] });
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

  test('413: a body of more than 16 MB is refused', async () => {
    const answer = await kw().call('POST', '/v1/apis', { raw: `{"name":"${'x'.repeat(16_000_000)}"}` });
    assert.deepEqual([answer.status, answer.body.code], [413, 'body_too_large']);
  });
});
