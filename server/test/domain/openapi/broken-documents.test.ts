import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DocumentError } from '../../../src/domain/apis/openapi/document-error.ts';
import { readText } from './read-text.ts';

const HEAD = { openapi: '3.1.0', info: { title: 'Shop', version: '1' } };
const withGet = (get: unknown, rest: object = {}) => ({ ...HEAD, paths: { '/a': { get } }, ...rest });
const oauth = (flows: unknown) => ({ components: { securitySchemes: { o: { type: 'oauth2', flows } } } });

/** name, document, pointer (null for a place in the text), reason. */
const BROKEN: [string, unknown, string | null, RegExp][] = [
  ['JSON cut off', '{"openapi": "3.1.0",', null, /^Line 1, column 21: the text ends before/],
  ['JSON with a trailing comma', '{\n "a": 1,\n}', null, /^Line 3, column 1: a key in double quotes/],
  ['JSON with words after it', '{"a": 1} b', null, /^Line 1, column 10: the document has ended/],
  [
    'JSON with a key twice',
    '{"a": 1,\n"b": {"c": 1, "\\u0063": 2}}',
    null,
    /^Line 2, column 15: the key "c" is given twice/,
  ],
  ['YAML with a key twice', 'a: 1\nb:\n  c: 1\n  c: 2\n', null, /^Line 4, column 3: a key is given twice/],
  ['YAML with a tab', 'a:\n\t- b', null, /^Line 2, column 1: Tabs are not allowed/],
  ['YAML with open quotes', 'a: 1\nb: "x\n', null, /^Line \d+, column \d+: Missing closing "quote/],
  ['two YAML documents', 'a: 1\n---\nb: 2\n', null, /^Line 2, column 1: a second document begins here/],
  [
    'a YAML tag that would read a file',
    'a: 1\nb: !include /etc/passwd\n',
    null,
    /^Line 2, column 4: Unresolved tag: !include/,
  ],
  ['a binary YAML value', 'a: !!binary aGVsbG8=\n', null, /^Line 1, column 4: Unresolved tag/],
  ['a YAML alias without anchor', 'a: *nowhere\n', null, /Unresolved alias .*nowhere/],
  ['no version', { info: HEAD.info, paths: {} }, '', /openapi is missing/],
  ['a version that is a number', 'openapi: 3.1\ninfo: {}\n', '/openapi', /must be text .* quotes/],
  ['a version to come', { ...HEAD, openapi: '4.0.0' }, '/openapi', /OpenAPI 4\.0\.0 is not known/],
  [
    'Swagger 2.0',
    { swagger: '2.0', info: HEAD.info, paths: {} },
    '/swagger',
    /Swagger 2\.0 .* Convert it first/,
  ],
  ['Swagger 2.0 as a number', 'swagger: 2.0\n', '/swagger', /Swagger 2 description/],
  ['no info', { openapi: '3.1.0', paths: {} }, '/info', /info is missing/],
  ['info that is text', { openapi: '3.1.0', info: 'x', paths: {} }, '/info', /info must be an object/],
  ['no title', { openapi: '3.1.0', info: { version: '1' }, paths: {} }, '/info/title', /title is missing/],
  [
    'no version of the API',
    { openapi: '3.1.0', info: { title: 'x' }, paths: {} },
    '/info/version',
    /version is missing/,
  ],
  ['no paths', HEAD, '/paths', /paths .* is missing/],
  ['paths that are a list', { ...HEAD, paths: [] }, '/paths', /paths .* must be an object/],
  ['a path without slash', { ...HEAD, paths: { users: {} } }, '/paths/users', /must begin with a slash/],
  [
    'a path item that is text',
    { ...HEAD, paths: { '/a': 'x' } },
    '/paths/~1a',
    /A path item must be an object/,
  ],
  ['an operation that is null', withGet(null), '/paths/~1a/get', /An operation must be an object/],
  [
    'security that is an object',
    withGet({ security: {} }),
    '/paths/~1a/get/security',
    /security must be a list/,
  ],
  [
    'a requirement that is text',
    withGet({ security: ['o'] }),
    '/paths/~1a/get/security/0',
    /must be an object/,
  ],
  [
    'a scheme that is not declared',
    withGet({ security: [{ 'o/o': [] }] }, oauth({})),
    '/paths/~1a/get/security/0/o~1o',
    /no security scheme of this name/,
  ],
  [
    'an inherited name as scheme',
    withGet({ security: [{ constructor: [] }] }),
    '/paths/~1a/get/security/0/constructor',
    /no security scheme/,
  ],
  [
    'a scope with a space, asked for',
    withGet({ security: [{ o: ['ok', 'read users'] }] }, oauth({})),
    '/paths/~1a/get/security/0/o/1',
    /"read users" cannot be the name of a scope/,
  ],
  [
    'a scope that is a number',
    withGet({ security: [{ o: [1] }] }, oauth({})),
    '/paths/~1a/get/security/0/o/0',
    /must be text/,
  ],
  [
    'components that are a list',
    withGet({}, { components: [] }),
    '/components',
    /components must be an object/,
  ],
  [
    'an OAuth scheme without flows',
    withGet({}, oauth(undefined)),
    '/components/securitySchemes/o/flows',
    /flows is missing/,
  ],
  [
    'scopes that are a list',
    withGet({}, oauth({ implicit: { scopes: ['a'] } })),
    '/components/securitySchemes/o/flows/implicit/scopes',
    /A flow's scopes must be an object/,
  ],
  ['servers that are an object', withGet({}, { servers: {} }), '/servers', /servers must be a list/],
  ['a server without url', withGet({ servers: [{}] }), '/paths/~1a/get/servers/0/url', /url is missing/],
];

for (const [name, document, pointer, reason] of BROKEN) {
  test(`a broken document is refused with place and reason: ${name}`, async () => {
    await assert.rejects(readText(document), (error) => {
      assert.ok(error instanceof DocumentError, String(error));
      assert.match(error.message, reason);
      assert.equal(error.pointer, pointer);
      return true;
    });
  });
}

const FILES = { openapi: '3.0.3', info: HEAD.info };
const EXTERNAL: [string, object, string][] = [
  [
    'http://localhost:1/x.yaml',
    { paths: { '/a': { $ref: 'http://localhost:1/x.yaml' } } },
    '/paths/~1a/$ref',
  ],
  ['file:///etc/passwd', { paths: { '/a': { get: { $ref: 'file:///etc/passwd' } } } }, '/paths/~1a/get/$ref'],
  [
    './schemas/user.yaml',
    { paths: {}, components: { schemas: { default: { $ref: './schemas/user.yaml' } } } },
    '/components/schemas/default/$ref',
  ],
  [
    'other.json#/a',
    { paths: {}, components: { schemas: { A: { properties: { example: { $ref: 'other.json#/a' } } } } } },
    '/components/schemas/A/properties/example/$ref',
  ],
  [
    '//host/x',
    { paths: {}, components: { securitySchemes: { o: { $ref: '//host/x' } } } },
    '/components/securitySchemes/o/$ref',
  ],
  [
    '',
    { paths: { '/a': { get: { responses: { default: { $ref: '' } } } } } },
    '/paths/~1a/get/responses/default/$ref',
  ],
];

for (const [reference, rest, pointer] of EXTERNAL) {
  test(`a reference out of the document is refused by name with its place: "${reference}"`, async () => {
    await assert.rejects(readText({ ...FILES, ...rest }), (error) => {
      assert.ok(error instanceof DocumentError);
      assert.ok(error.message.includes(`"${reference}" is outside the document`), error.message);
      assert.equal(error.pointer, pointer);
      return true;
    });
  });
}

test('a $ref in plain data, and a property called $ref, are no references', async () => {
  const schema = {
    properties: { $ref: { type: 'string' } },
    example: { $ref: 'http://x' },
    enum: [{ $ref: './y' }],
  };
  const content = { 'application/json': { schema, examples: { a: { value: { $ref: 'z' } } } } };
  const get = { 'x-doc': { $ref: 'w' }, responses: { 200: { description: '', content } } };
  assert.equal((await readText(withGet(get))).endpoints.length, 1);
});

const CIRCLES: [string, object, string, RegExp][] = [
  ['to itself', { '/a': { $ref: '#/paths/~1a' } }, '/paths/~1a/$ref', /leads back to itself/],
  [
    'through another',
    { '/a': { $ref: '#/paths/~1b' }, '/b': { $ref: '#/paths/~1a' } },
    '/paths/~1a/$ref',
    /leads back to itself/,
  ],
  ['to nothing', { '/a': { $ref: '#/components/pathItems/gone' } }, '/paths/~1a/$ref', /leads to nothing/],
  [
    'to an inherited member',
    { '/a': { $ref: '#/paths/constructor' } },
    '/paths/~1a/$ref',
    /leads to nothing/,
  ],
  ['to an anchor', { '/a': { $ref: '#anchor' } }, '/paths/~1a/$ref', /must begin with #\//],
  [
    'with a stray %',
    { '/a': { $ref: '#/paths/%zz' } },
    '/paths/~1a/$ref',
    /not followed by two hexadecimal digits/,
  ],
];

for (const [name, paths, pointer, reason] of CIRCLES) {
  test(`a reference that cannot be followed is refused: ${name}`, async () => {
    await assert.rejects(readText({ ...HEAD, paths }), (error) => {
      assert.ok(error instanceof DocumentError);
      assert.match(error.message, reason);
      assert.equal(error.pointer, pointer);
      return true;
    });
  });
}
