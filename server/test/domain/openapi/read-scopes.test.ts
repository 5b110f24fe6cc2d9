import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scopeAccess } from '../../../src/domain/apis/openapi/scope-access.ts';
import { SCOPE_NAME_PATTERN, scopeNameSchema } from '../../../src/domain/apis/scope-name.ts';
import { readText } from './read-text.ts';

const HEAD = { openapi: '3.1.0', info: { title: 'Shop', version: '1' } };
const SCHEMES = {
  oauth: {
    type: 'oauth2',
    flows: {
      implicit: {
        authorizationUrl: 'https://h/a',
        scopes: { 'orders:read': '', 'orders:write': 'Change orders' },
      },
      clientCredentials: { tokenUrl: 'https://h/t', scopes: { 'orders:read': 'See orders', unused: 'x' } },
    },
  },
  openid: { type: 'openIdConnect', openIdConnectUrl: 'https://h/.well-known/openid-configuration' },
  key: { type: 'apiKey', in: 'header', name: 'X-Key' },
  link: { $ref: '#/components/securitySchemes/oauth' },
};

async function scopesOf(get: object, rest: object = {}, item: object = {}): Promise<string[]> {
  const document = {
    ...HEAD,
    ...rest,
    components: { securitySchemes: SCHEMES },
    paths: { '/a': { ...item, get } },
  };
  return (await readText(document)).endpoints[0]?.scopes ?? [];
}

/** security of the operation, security of the document, scopes that the endpoint asks for. */
const TABLE: [string, object, object, string[]][] = [
  ['nothing said anywhere', {}, {}, []],
  [
    'the operation asks',
    { security: [{ oauth: ['orders:write', 'orders:read'] }] },
    {},
    ['orders:read', 'orders:write'],
  ],
  ['the document asks', {}, { security: [{ oauth: ['orders:read'] }] }, ['orders:read']],
  [
    'the operation replaces the document',
    { security: [{ oauth: ['orders:write'] }] },
    { security: [{ oauth: ['orders:read'] }] },
    ['orders:write'],
  ],
  ['an empty list asks for nothing', { security: [] }, { security: [{ oauth: ['orders:read'] }] }, []],
  [
    'alternatives are united',
    { security: [{ oauth: ['orders:read'] }, { openid: ['email'] }] },
    {},
    ['email', 'orders:read'],
  ],
  [
    'schemes that are needed together',
    { security: [{ oauth: ['orders:read'], key: [] }] },
    {},
    ['orders:read'],
  ],
  ['an optional requirement is needed', { security: [{}, { oauth: ['orders:read'] }] }, {}, ['orders:read']],
  ['roles under an API key scheme', { security: [{ key: ['staff'] }] }, {}, ['staff']],
  ['a scheme by reference', { security: [{ link: ['orders:read'] }] }, {}, ['orders:read']],
  [
    'a URL as scope',
    { security: [{ openid: ['https://www.googleapis.com/auth/drive'] }] },
    {},
    ['https://www.googleapis.com/auth/drive'],
  ],
];

for (const [name, get, rest, expected] of TABLE) {
  test(`an endpoint asks for the scopes of its security requirements: ${name}`, async () => {
    assert.deepEqual(await scopesOf(get, rest), expected);
  });
}

test('scopes come from the flows with their descriptions, then from what operations ask for besides', async () => {
  const get = { security: [{ oauth: ['orders:read'] }, { openid: ['email'] }] };
  const paths = { '/a': { get, post: { security: [{ oauth: ['orders:write'] }] } }, '/open': { get: {} } };
  const reading = await readText(
    { ...HEAD, components: { securitySchemes: SCHEMES }, paths },
    { proposeScopes: true },
  );
  assert.equal(reading.scopesFrom, 'document');
  assert.deepEqual(reading.scopes, [
    { name: 'orders:read', description: 'See orders', access: 'read' },
    { name: 'orders:write', description: 'Change orders', access: 'full' },
    { name: 'unused', description: 'x', access: 'full' },
    { name: 'email', description: '', access: 'read' },
  ]);
  const told = reading.notes.join('\n');
  assert.match(told, /alternative scopes in the document and ask for all of them here: GET \/a\./);
  assert.match(told, /ask for no scope, .*: GET \/open\./);
});

test('the same scopes in every alternative are no union, and an open endpoint is not called optional', async () => {
  const security = [{ oauth: ['orders:read'] }, { openid: ['orders:read'] }];
  const paths = { '/a': { get: { security } }, '/b': { get: { security: [{}] } } };
  const { notes } = await readText({ ...HEAD, components: { securitySchemes: SCHEMES }, paths });
  assert.ok(
    !notes.some((note) => note.includes('alternative') || note.includes('optional')),
    notes.join('\n'),
  );
});

test('without scopes in the document two are proposed, or none if that is switched off', async () => {
  const methods = ['get', 'head', 'options', 'trace', 'post', 'put', 'patch', 'delete'];
  const flows = { implicit: { authorizationUrl: 'https://h/a', scopes: {} } };
  const document = {
    ...HEAD,
    security: [{ oauth: [] }],
    components: { securitySchemes: { oauth: { type: 'oauth2', flows } } },
    paths: { '/a': Object.fromEntries(methods.map((method) => [method, {}])) },
  };
  const proposed = await readText(document, { slug: 'shop', proposeScopes: true });
  assert.equal(proposed.scopesFrom, 'proposal');
  assert.deepEqual(
    proposed.scopes.map(({ name, access }) => [name, access]),
    [
      ['shop:read', 'read'],
      ['shop:full', 'full'],
    ],
  );
  for (const { method, scopes } of proposed.endpoints) {
    const isSafe = ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method);
    assert.deepEqual(scopes, [isSafe ? 'shop:read' : 'shop:full'], method);
  }
  const none = await readText(document, { proposeScopes: false });
  assert.equal(none.scopesFrom, 'none');
  assert.deepEqual(none.scopes, []);
  assert.ok(none.endpoints.every(({ scopes }) => scopes.length === 0));
});

test('a declared scope that nobody asks for and that cannot be named is left out and told', async () => {
  const flows = { implicit: { authorizationUrl: 'https://h/a', scopes: { '*': '', 'a b': '', fine: '' } } };
  const components = { securitySchemes: { oauth: { type: 'oauth2', flows } } };
  const { scopes, notes } = await readText({ ...HEAD, components, paths: {} });
  assert.deepEqual(
    scopes.map(({ name }) => name),
    ['fine'],
  );
  assert.ok(notes.some((note) => note.startsWith('Scopes left out') && note.endsWith(': *, a b.')));
});

const NAMES: [string, boolean][] = [
  ['a', true],
  ['accounting:read', true],
  ['user-read_private.v1/x', true],
  ['https://www.googleapis.com/auth/cloud-platform.read-only', true],
  ['0', true],
  ['a'.repeat(100), true],
  ['a'.repeat(101), false],
  ['', false],
  ['*', false],
  ['orders:*', false],
  ['.hidden', false],
  ['a b', false],
  ['a"b', false],
  ["a'b", false],
  ['a\\b', false],
  ['a\n', false],
  ['\u00e9', false],
  ['__proto__', false],
];

for (const [name, fits] of NAMES) {
  test(`a scope ${fits ? 'may' : 'may not'} be called ${JSON.stringify(name).slice(0, 70)}`, () => {
    assert.equal(SCOPE_NAME_PATTERN.test(name), fits);
    assert.equal(scopeNameSchema.safeParse(name).success, fits);
  });
}

const ACCESS: [string, string[], 'read' | 'full'][] = [
  ['orders:read', ['POST'], 'read'],
  ['read:users', [], 'read'],
  ['repo.readonly', [], 'read'],
  ['Files.Read.All', [], 'full'],
  ['read_write', ['GET'], 'read'],
  ['read_write', ['GET', 'POST'], 'full'],
  ['already', [], 'full'],
  ['email', ['GET', 'HEAD'], 'read'],
  ['email', ['GET', 'DELETE'], 'full'],
  ['email', [], 'full'],
];

for (const [name, methods, access] of ACCESS) {
  test(`the scope ${name}, asked for by ${methods.join(' and ') || 'nothing'}, has access ${access}`, () => {
    assert.equal(scopeAccess(name, new Set(methods)), access);
  });
}
