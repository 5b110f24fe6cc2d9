import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readText } from './read-text.ts';

const HEAD = { openapi: '3.1.0', info: { title: 'Shop', version: '1' } };

async function endpointsOf(document: unknown): Promise<string[]> {
  const { endpoints } = await readText(document);
  return endpoints.map(({ method, path }) => `${method} ${path}`);
}

const YAML = `# by hand
openapi: 3.0.3
info:
  title: Shop
  version: 1.0
defaults: &defaults
  put: {}
paths:
  /users/{id}:
    <<: *defaults
    parameters: []
    get:
      responses:
        200:
          description: fine
  x-internal:
    get: {}
`;

test('YAML and JSON, OpenAPI 3.0, 3.1 and 3.2, say the same', async () => {
  const paths = { '/users/{id}': { get: {}, parameters: [], put: {} }, 'x-internal': { get: {} } };
  const expected = ['GET /users/{id}', 'PUT /users/{id}'];
  assert.deepEqual(await endpointsOf(YAML), expected);
  for (const openapi of ['3.0.0', '3.0.4', '3.1.0', '3.1.1', '3.2.0', '3.1.0-rc1']) {
    assert.deepEqual(await endpointsOf({ ...HEAD, openapi, paths }), expected, openapi);
    assert.deepEqual(await endpointsOf(YAML.replace('3.0.3', openapi)), expected, openapi);
  }
  assert.deepEqual(await endpointsOf(`\uFEFF${JSON.stringify({ ...HEAD, paths })}`), expected);
  assert.equal((await readText(YAML)).version, '1');
});

test('every method of a path is an endpoint, in upper case; what is no method is none', async () => {
  const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
  const item = Object.fromEntries([...methods, 'GET', 'x-get', 'connect'].map((method) => [method, {}]));
  const reading = await readText({ ...HEAD, paths: { '/a': item } });
  assert.deepEqual(
    reading.endpoints.map(({ method }) => method),
    methods.map((method) => method.toUpperCase()),
  );
  assert.ok(reading.notes.some((note) => note.startsWith('Endpoints for HEAD') && note.includes('HEAD /a')));
});

test('path items are found through references, their own members before the referenced ones', async () => {
  const document = {
    ...HEAD,
    paths: {
      '/a': { $ref: '#/components/pathItems/shared~1item%20x' },
      '/b': { $ref: '#/paths/~1a', post: {} },
    },
    components: { pathItems: { 'shared/item x': { get: {} } } },
  };
  assert.deepEqual(await endpointsOf(document), ['GET /a', 'GET /b', 'POST /b']);
});

/** servers, base path expected, what a note says of it. */
const SERVERS: [object[] | undefined, string, RegExp | null][] = [
  [undefined, '', null],
  [[], '', null],
  [[{ url: '/' }], '', null],
  [[{ url: '' }], '', null],
  [[{ url: './' }], '', null],
  [[{ url: 'https://api.example.com' }], '', null],
  [[{ url: 'https://api.example.com/' }], '', null],
  [[{ url: 'https://api.example.com/?a=/b' }], '', null],
  [
    [{ url: 'https://api.example.com/v1' }],
    '/v1',
    /"https:\/\/api\.example\.com\/v1" stands before its endpoints: \/v1/,
  ],
  [[{ url: 'https://api.example.com/shop/v1///' }, { url: '/other' }], '/shop/v1', /\/shop\/v1/],
  [[{ url: '/v1' }], '/v1', /"\/v1"/],
  [[{ url: './v1/' }], '/v1', /"\.\/v1\/"/],
  [[{ url: '//api.example.com/v1#x' }], '/v1', /\/v1\./],
  [
    [
      {
        url: '{scheme}://{host}:{port}/{version}',
        variables: { version: { default: 'v2' }, port: { default: 443 } },
      },
    ],
    '/v2',
    /: \/v2\./,
  ],
  [
    [{ url: 'https://{host}:{port}/{version}', variables: { version: { default: 'v2' } } }],
    '/v2',
    /: \/v2\./,
  ],
  [[{ url: '{base}/v3' }], '/v3', /: \/v3\./],
  [[{ url: '{base}/v3', variables: { base: { default: 'https://h/x' } } }], '/x/v3', /: \/x\/v3\./],
  [[{ url: 'https://h/{tenant}/v1' }], '', /a variable in its path has no default/],
  [[{ url: 'https://h/{constructor}', variables: {} }], '', /a variable in its path has no default/],
  [[{ url: 'api.example.com/v1' }], '', /neither an absolute URL nor a path/],
  [[{ url: 'localhost:8080/v1' }], '', /neither an absolute URL nor a path/],
  [[{ url: 'https://h/a/../b' }], '', /no request could have its path/],
  [[{ url: 'https://h//' }], '', null],
  [[{ url: 'https://h/a//b' }], '', /no request could have its path/],
  [[{ url: `https://h/${'a'.repeat(200)}` }], '', /longer than 200 characters/],
];

for (const [servers, base, note] of SERVERS) {
  test(`the base path of servers ${JSON.stringify(servers)?.slice(0, 120)} is "${base}"`, async () => {
    const reading = await readText({ ...HEAD, servers, paths: { '/users': { get: {} } } });
    assert.deepEqual(
      reading.endpoints.map(({ path }) => path),
      [`${base}/users`],
    );
    const told = reading.notes.filter((text) => text.includes('server'));
    if (note === null) assert.deepEqual(told, []);
    else assert.match(told.join('\n'), note);
  });
}

test('servers of a path item go before those of the document, servers of an operation before both', async () => {
  const document = {
    ...HEAD,
    servers: [{ url: '/v1' }],
    paths: {
      '/a': {
        get: {},
        servers: [{ url: '/v2' }],
        put: { servers: [{ url: 'https://uploads.example.com' }] },
      },
      '/b': { get: { servers: [] } },
    },
  };
  assert.deepEqual(await endpointsOf(document), ['GET /v2/a', 'PUT /a', 'GET /v1/b']);
});

test('paths that no request can have are left out and named; those with a parameter in part of a segment stay and are named', async () => {
  const paths = {
    '/a?x=1': { get: {} },
    '/b//c': { get: {} },
    '/files/{name}.json': { get: {} },
    '/ok': { get: {} },
  };
  const { endpoints, notes } = await readText({ ...HEAD, paths });
  assert.deepEqual(
    endpoints.map(({ path }) => path),
    ['/files/{name}.json', '/ok'],
  );
  const told = notes.join('\n');
  assert.match(
    told,
    /left out, since no request can have such a path: GET \/a\?x=1 \(.+\), GET \/b\/\/c \(.+\)\./,
  );
  assert.match(told, /only part of a path segment.*: GET \/files\/\{name\}\.json\./);
});

test("webhooks and OpenAPI 3.2's further methods are left out and counted", async () => {
  const paths = { '/a': { get: {}, query: {}, additionalOperations: { COPY: {}, LINK: {} } } };
  const { endpoints, notes } = await readText({ ...HEAD, openapi: '3.2.0', paths, webhooks: { paid: {} } });
  assert.equal(endpoints.length, 1);
  assert.ok(
    notes.some((note) => note.endsWith('does not know are left out: 3.')),
    notes.join('\n'),
  );
  assert.ok(notes.some((note) => note.startsWith('Webhooks') && note.endsWith('1.')));
});

test('a fault in a part that is not read becomes a note with its place', async () => {
  const responses = { 200: { content: {} } };
  const { endpoints, notes } = await readText({ ...HEAD, paths: { '/a': { get: { responses } } } });
  assert.equal(endpoints.length, 1);
  assert.match(notes.join('\n'), /not valid OpenAPI .* at \/paths\/~1a\/get\/responses\/200: .*description/);
  const valid = { 200: { description: 'fine' } };
  assert.ok(
    !(await readText({ ...HEAD, paths: { '/a': { get: { responses: valid } } } })).notes
      .join('\n')
      .includes('not valid'),
  );
});

test('a title of spaces gives way to the slug', async () => {
  const document = { openapi: '3.1.0', info: { title: '  ', version: '1' }, paths: {} };
  assert.equal((await readText(document, { slug: 'shop' })).title, 'shop');
});
