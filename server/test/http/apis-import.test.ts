import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { issueKey, makeApplication, verify } from '../fixtures.ts';
import { auditEvents, onBothDatabases } from '../harness.ts';

type Paths = Record<string, Record<string, unknown>>;

/** A document; each path item is a list of methods. */
function documentOf(paths: Record<string, string[]>, more: Record<string, unknown> = {}) {
  const items: Paths = {};
  for (const [path, methods] of Object.entries(paths)) {
    items[path] = Object.fromEntries(
      methods.map((method) => [method, { responses: { 200: { description: 'Done' } } }]),
    );
  }
  return { openapi: '3.1.0', info: { title: 'The Shop', version: '1' }, paths: items, ...more };
}

/** A document whose only operation asks for these scopes of an OAuth flow. */
function documentWithScopes(names: string[]) {
  const scopes = Object.fromEntries(names.map((name) => [name, `May ${name}`]));
  const flow = { tokenUrl: 'https://shop.example/oauth', scopes };
  return {
    ...documentOf({}),
    paths: {
      '/things': { get: { security: [{ oauth: names }], responses: { 200: { description: 'Done' } } } },
    },
    components: { securitySchemes: { oauth: { type: 'oauth2', flows: { clientCredentials: flow } } } },
  };
}

const yaml = `# line breaks and comments are text of the document
openapi: 3.0.3
info: { title: From YAML, version: "1" }
paths:
  /things/{id}:
    get: { responses: { "200": { description: Done } } }
`;

onBothDatabases('apis import', (kw) => {
  const importApi = (
    body: Record<string, unknown>,
    options: { key?: string; headers?: Record<string, string> } = {},
  ) => kw().call('POST', '/v1/apis/import', { body, ...options });
  const newestSeq = async () => (await auditEvents(kw(), 1))[0]?.seq;

  describe('201', () => {
    test('a document makes the API, named after its title, with proposed scopes, and says so', async () => {
      const answer = await importApi({ slug: 'shop', document: documentOf({ '/things': ['get', 'post'] }) });
      assert.equal(answer.status, 201, JSON.stringify(answer.body));
      const { api, report, propagation } = answer.body;
      assert.match(api.id, /^api_/);
      assert.deepEqual([api.name, api.slug, answer.headers.get('etag')], ['The Shop', 'shop', '"1"']);
      assert.deepEqual(
        api.scopes.map((scope: { name: string; access: string }) => [scope.name, scope.access]),
        [
          ['shop:read', 'read'],
          ['shop:full', 'full'],
        ],
      );
      assert.deepEqual(
        api.endpoints.map(({ id: _, ...endpoint }: { id: string }) => endpoint),
        [
          { method: 'GET', path: '/things', scopes: ['shop:read'] },
          { method: 'POST', path: '/things', scopes: ['shop:full'] },
        ],
      );
      assert.deepEqual(report.added, [
        { method: 'GET', path: '/things' },
        { method: 'POST', path: '/things' },
      ]);
      assert.deepEqual([report.changed, report.removed, report.renamedScopes], [[], [], []]);
      assert.match(report.notes.join('\n'), /Proposed: shop:read/);
      assert.deepEqual(Object.keys(propagation), ['verifiers', 'milliseconds']);
      assert.deepEqual((await kw().call('GET', `/v1/apis/${api.id}`)).body, api);
      const [event] = await auditEvents(kw(), 1);
      assert.deepEqual([event?.action, event?.target_id, event?.before], ['api.imported', api.id, null]);
      assert.deepEqual(JSON.parse(String(event?.after)).endpoints, [
        'GET /things (shop:read)',
        'POST /things (shop:full)',
      ]);
    });

    test('a name given goes before the title, and proposals can be switched off', async () => {
      const document = documentOf({ '/things': ['get'] });
      const { body } = await importApi({ slug: 'named', name: 'My name', document, proposeScopes: false });
      assert.deepEqual([body.api.name, body.api.scopes, body.api.endpoints[0].scopes], ['My name', [], []]);
    });

    test('YAML and JSON text are read like an object', async () => {
      const fromYaml = await importApi({ slug: 'yaml', document: yaml });
      assert.deepEqual([fromYaml.status, fromYaml.body.api.endpoints[0].path], [201, '/things/{id}']);
      const document = JSON.stringify(documentOf({ '/things': ['get'] }), null, '\t');
      assert.equal((await importApi({ slug: 'json', document })).status, 201);
    });

    test('a document given as an object may be nested deeper than the rest of a body', async () => {
      let nested: unknown = 'line\nbreak';
      for (let depth = 0; depth < 63; depth++) nested = [nested];
      const document = documentOf({ '/things': ['get'] }, { 'x-nested': nested });
      assert.equal((await importApi({ slug: 'nested', document })).status, 201);
    });

    test('a scope that another API has gets the slug before it, and the report says so', async () => {
      const first = await importApi({
        slug: 'first',
        document: documentWithScopes(['stock:read', 'stock:full']),
      });
      assert.deepEqual(first.body.report.renamedScopes, []);
      const document = documentWithScopes(['stock:read', 'stock:full', 'second:own']);
      const second = await importApi({ slug: 'second', document });
      assert.equal(second.status, 201, JSON.stringify(second.body));
      assert.deepEqual(second.body.report.renamedScopes, [
        { from: 'stock:read', to: 'second:stock:read' },
        { from: 'stock:full', to: 'second:stock:full' },
      ]);
      assert.deepEqual(second.body.api.endpoints[0].scopes, [
        'second:own',
        'second:stock:full',
        'second:stock:read',
      ]);
      const before = await newestSeq();
      const again = await importApi({ slug: 'second', document });
      assert.deepEqual([again.status, again.body.api], [200, second.body.api]);
      assert.equal(await newestSeq(), before);
    });

    test('a repeated Idempotency-Key answers the API that the first call made, and imports nothing again', async () => {
      const call = (document: unknown, key: string) =>
        importApi({ slug: 'repeated', document }, { headers: { 'Idempotency-Key': key } });
      const old = documentOf({ '/old': ['get'] });
      const first = await call(old, 'import-1');
      await call(documentOf({ '/new': ['get'] }), 'import-2');
      const again = await call(old, 'import-1');
      assert.deepEqual([again.body.api.id, again.body.replayed], [first.body.api.id, true]);
      assert.deepEqual(again.body.api.endpoints[0].path, '/new');
      assert.deepEqual(again.body.report.added, []);
    });
  });

  describe('200', () => {
    test('importing again adds, changes and removes; what stays keeps its id and its connections', async () => {
      const first = await importApi({
        slug: 'again',
        document: documentOf({ '/keep': ['get'], '/renamed/{a}': ['get'], '/gone': ['get'] }),
      });
      const { api } = first.body;
      const idOf = (path: string) => api.endpoints.find((one: { path: string }) => one.path === path).id;
      const application = await makeApplication(kw(), {
        connectedTo: [api],
        endpoints: [idOf('/keep'), idOf('/gone')],
      });
      const { secret } = await issueKey(kw(), application.id, { scopes: ['again:read'] });
      const ask = async (path: string) => {
        const verdict = await verify(kw(), { secret, api: 'again', method: 'GET', path });
        return verdict.allowed ? 'allowed' : verdict.reason;
      };
      assert.deepEqual([await ask('/keep'), await ask('/gone')], ['allowed', 'allowed']);

      const answer = await importApi({
        slug: 'again',
        document: documentOf({ '/keep': ['get'], '/renamed/{b}': ['get'], '/fresh': ['delete'] }),
      });
      assert.deepEqual([answer.status, answer.headers.get('etag')], [200, '"2"']);
      const { report } = answer.body;
      assert.deepEqual(report.added, [{ method: 'DELETE', path: '/fresh' }]);
      assert.deepEqual(report.changed, [
        { method: 'GET', path: '/renamed/{b}', what: 'its path was /renamed/{a}' },
      ]);
      assert.deepEqual(report.removed, [{ method: 'GET', path: '/gone' }]);
      const ids = new Map(
        answer.body.api.endpoints.map((one: { path: string; id: string }) => [one.path, one.id]),
      );
      assert.deepEqual([ids.get('/keep'), ids.get('/renamed/{b}')], [idOf('/keep'), idOf('/renamed/{a}')]);
      const { body } = await kw().call('GET', `/v1/applications/${application.id}/connections`);
      assert.deepEqual(body.connections, [{ apiId: api.id, endpoints: [idOf('/keep')] }]);
      assert.deepEqual([await ask('/keep'), await ask('/gone')], ['allowed', 'unknown_endpoint']);
      assert.equal((await auditEvents(kw(), 1))[0]?.action, 'api.imported');
    });

    test('importing again keeps a name that was given since, unless another one is given', async () => {
      const document = documentOf({ '/things': ['get'] });
      const { body } = await importApi({ slug: 'keeps-name', document });
      await kw().call('PATCH', `/v1/apis/${body.api.id}`, { body: { name: 'By hand' } });
      assert.equal((await importApi({ slug: 'keeps-name', document })).body.api.name, 'By hand');
      assert.equal((await importApi({ slug: 'keeps-name', name: 'New', document })).body.api.name, 'New');
    });
  });

  describe('400', () => {
    test('a broken document gives the place and the reason, and changes nothing', async () => {
      const document = documentOf({ '/things': ['get'] });
      const { body } = await importApi({ slug: 'unbroken', document });
      const before = await newestSeq();
      const wrong = { ...documentOf({ '/more': ['get'] }), components: { securitySchemes: 'none' } };
      const answer = await importApi({ slug: 'unbroken', document: wrong });
      assert.deepEqual([answer.status, answer.body.code], [400, 'invalid_document']);
      assert.match(answer.body.errors[0].pointer, /^\/document\/components\/securitySchemes/);
      const text = await importApi({ slug: 'unbroken', document: '{"openapi": "3.1.0",\n  "info": oops}' });
      assert.deepEqual([text.status, text.body.errors[0].pointer], [400, '/document']);
      assert.match(text.body.detail, /^Line 2, column/);
      assert.equal(await newestSeq(), before);
      assert.deepEqual((await kw().call('GET', `/v1/apis/${body.api.id}`)).body, body.api);
    });

    test('a wrong document makes no API', async () => {
      assert.equal((await importApi({ slug: 'never', document: '' })).status, 400);
      assert.deepEqual((await kw().call('GET', '/v1/apis?slug=never')).body.data, []);
    });

    test('every field that is wrong is named', async () => {
      const answer = await importApi({ slug: 'Shop', name: '', document: 5, proposeScopes: 'no', url: 'x' });
      assert.deepEqual([answer.status, answer.body.code], [400, 'invalid_request']);
      assert.deepEqual(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer).sort(), [
        '/document',
        '/name',
        '/proposeScopes',
        '/slug',
        '/url',
      ]);
    });

    test('a document nested without end is a problem like any other, with an Idempotency-Key too', async () => {
      const nested = '['.repeat(1_000_000) + ']'.repeat(1_000_000);
      const raw = `{"slug":"deep","document":{"openapi":"3.1.0","x-deep":${nested}}}`;
      for (const headers of [{}, { 'Idempotency-Key': 'deep' }] as Record<string, string>[]) {
        const answer = await kw().call('POST', '/v1/apis/import', { raw, headers });
        assert.equal(answer.status, 400, JSON.stringify(answer.body));
      }
    });
  });

  test('403: making needs apis:create, updating apis:update, and a document is not read before', async () => {
    const document = documentOf({ '/things': ['get'] });
    const creator = await kw().newManagementKey(['apis:create']);
    const updater = await kw().newManagementKey(['apis:update']);
    const refused = await importApi({ slug: 'rights', document: 'broken' }, { key: updater });
    assert.equal(refused.status, 403);
    assert.match(refused.body.detail, /apis:create/);
    assert.equal((await importApi({ slug: 'rights', document }, { key: creator })).status, 201);
    const again = await importApi({ slug: 'rights', document: 'broken' }, { key: creator });
    assert.equal(again.status, 403);
    assert.match(again.body.detail, /apis:update/);
    assert.equal((await importApi({ slug: 'rights', document }, { key: updater })).status, 200);
  });

  test("another organization's API with the same slug is left alone", async () => {
    const { body } = await importApi({ slug: 'mine', document: documentOf({ '/things': ['get'] }) });
    const { adminKey: key } = await kw().newOrganization('Neighbour');
    const theirs = await importApi({ slug: 'mine', document: documentOf({ '/other': ['get'] }) }, { key });
    assert.deepEqual([theirs.status, theirs.body.report.renamedScopes], [201, []]);
    assert.notEqual(theirs.body.api.id, body.api.id);
    assert.deepEqual((await kw().call('GET', `/v1/apis/${body.api.id}`)).body, body.api);
  });

  test('two imports of one new slug at once: one makes the API, the other finds it', async () => {
    const document = documentOf({ '/things': ['get'] });
    const answers = await Promise.all([1, 2].map(() => importApi({ slug: 'twice', document })));
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [200, 201]);
    assert.equal(answers[0]?.body.api.id, answers[1]?.body.api.id);
  });

  test('413: a body of more than 16 MB is refused', async () => {
    const answer = await importApi({ slug: 'huge', document: ' '.repeat(16_000_000) });
    assert.deepEqual([answer.status, answer.body.code], [413, 'body_too_large']);
  });
});
