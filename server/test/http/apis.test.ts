import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { auditEvents, onBothDatabases } from '../harness.ts';
import { apiCalls, fullScope, readScope } from './api-calls.ts';

onBothDatabases('apis', (kw) => {
  const { create, patch } = apiCalls(kw);

  describe('201', () => {
    test('POST /v1/apis answers the API whole, with ids, in the order given, and writes its audit event', async () => {
      const api = await create('whole');
      assert.match(api.id, /^api_[0-9a-z]{26}$/);
      assert.deepEqual(api.scopes, [readScope('whole'), fullScope('whole')]);
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
        scopes: [
          fullScope('old-slug'),
          { ...readScope('old-slug'), description: 'See things' },
          readScope('extra'),
        ],
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
  });
});
