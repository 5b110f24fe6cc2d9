import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DocumentError } from '../../../src/domain/apis/openapi/document-error.ts';
import { readText } from './read-text.ts';

const HEAD = { openapi: '3.1.0', info: { title: 'Shop', version: '1' } };
const YAML = 'openapi: 3.1.0\ninfo: {title: Shop, version: "1"}\npaths: {}\n';

function refuses(document: unknown, reason: RegExp, limits = {}): Promise<void> {
  return assert.rejects(readText(document, {}, limits), (error) => {
    assert.ok(error instanceof DocumentError, String(error));
    assert.match(error.message, reason);
    return true;
  });
}

function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

function manyPaths(count: number): object {
  const paths = Object.fromEntries(Array.from({ length: count }, (_, index) => [`/p/${index}`, { get: {} }]));
  return { ...HEAD, paths };
}

test('20,000 operations are read, 20,001 are refused', async () => {
  assert.equal((await readText(manyPaths(20_000))).endpoints.length, 20_000);
  await refuses(
    manyPaths(20_001),
    /^At \/paths\/~1p~120000\/get: the document has more than 20000 operations/,
  );
});

test('operations that one small path item multiplies by references count as well', async () => {
  const paths = Object.fromEntries(
    Array.from({ length: 11 }, (_, index) => [`/p/${index}`, { $ref: '#/components/pathItems/all' }]),
  );
  const document = { ...HEAD, paths, components: { pathItems: { all: { get: {}, put: {} } } } };
  assert.equal((await readText(document, {}, { operations: 22 })).endpoints.length, 22);
  await refuses(document, /more than 21 operations/, { operations: 21 });
});

test('64 levels are read, 65 are refused, in JSON and YAML', async () => {
  const json = JSON.stringify({ ...HEAD, paths: {}, 'x-deep': 0 });
  const withLevels = (levels: number): string => json.replace('"x-deep":0', `"x-deep":${nested(levels)}`);
  assert.equal((await readText(withLevels(63))).endpoints.length, 0);
  await refuses(withLevels(64), /nested deeper than 64 levels/);
  assert.equal((await readText(`${YAML}x-deep: ${nested(63)}\n`)).endpoints.length, 0);
  await refuses(`${YAML}x-deep: ${nested(64)}\n`, /nested deeper than 64 levels/);
});

test('nesting of a million levels is refused, in JSON and YAML', async () => {
  await refuses(nested(1_000_000), /^Line 1, column 65: the document is nested deeper/);
  await refuses(`${YAML}x: ${nested(100_000)}\n`, /^Line \d+, column \d+: /);
});

test('100 aliases are read, 101 are refused with the place', async () => {
  const list = (count: number): string => `${YAML}x-a: &a 1\nx-list:\n${'  - *a\n'.repeat(count)}`;
  assert.equal((await readText(list(100))).endpoints.length, 0);
  await refuses(list(101), /^Line 106, column 5: the document has more than 100 aliases/);
});

test('aliases that multiply each other are refused, however few', async () => {
  const levels = Array.from(
    { length: 9 },
    (_, level) => `x-${level + 1}: &l${level + 1} [${`*l${level}, `.repeat(9)}*l${level}]`,
  );
  await refuses(`${YAML}x-0: &l0 lol\n${levels.join('\n')}\n`, /aliases expand to more than 100/);
  await refuses(`${YAML}x-0: &l0 lol\n${levels.join('\n')}\n`, /more than 50 aliases/, { aliases: 50 });
});

test('an alias to what contains it is refused', async () => {
  await refuses(`${YAML}x-a: &a [*a]\n`, /nested deeper than 64 levels/);
});

test('the number of values is bounded, aliases expanded', async () => {
  const json = JSON.stringify({ ...HEAD, paths: {}, 'x-list': Array.from({ length: 100 }, () => 0) });
  await refuses(json, /^Line 1, column \d+: the document has more than 50 values/, { values: 50 });
  const shared = `${YAML}x-a: &a [${'1, '.repeat(99)}1]\nx-b: [*a, *a, *a]\n`;
  assert.equal((await readText(shared, {}, { values: 450 })).endpoints.length, 0);
  await refuses(shared, /^At \/x-b\/\d\/\d+: the document has more than 300 values/, { values: 300 });
});

test('the number of scopes is bounded, in the document and for one endpoint', async () => {
  const scopes = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`s${index}`, '']));
  const components = { securitySchemes: { o: { type: 'oauth2', flows: { implicit: { scopes } } } } };
  const document = {
    ...HEAD,
    components,
    paths: { '/a': { get: { security: [{ o: Object.keys(scopes) }] } } },
  };
  assert.equal((await readText(document, {}, { scopes: 11, scopesPerEndpoint: 11 })).scopes.length, 11);
  await refuses(document, /more than 10 scopes/, { scopes: 10 });
  await refuses(document, /^At \/paths\/~1a\/get\/security\/0: more than 10 scopes/, {
    scopesPerEndpoint: 10,
  });
});

test('texts that go into answers are short and without control characters', async () => {
  const title = `${'t'.repeat(5_000)}\u0000`;
  const flows = { implicit: { scopes: { a: `line\nbreak \ud800 ${'d'.repeat(5_000)}` } } };
  const components = { securitySchemes: { o: { type: 'oauth2', flows } } };
  const paths = { [`/${'p'.repeat(5_000)}`]: { get: {} } };
  const reading = await readText({ openapi: '3.1.0', info: { title, version: '1' }, components, paths });
  assert.equal(reading.title.length, 100);
  assert.match(reading.scopes[0]?.description ?? '', /^line break \ufffd d{400,}…$/);
  assert.deepEqual(reading.endpoints, []);
  for (const note of reading.notes) assert.ok(note.length < 1_000, note);
  const turned = { openapi: '3.1.0', info: { title: 'Sh\u202epo', version: '1' }, paths };
  assert.equal((await readText(turned)).title, 'Sh po');
});
