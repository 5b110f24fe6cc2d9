import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { isDeepStrictEqual, promisify } from 'node:util';
import { planImport } from '../../../src/domain/apis/openapi/plan-import.ts';
import { readOpenApiDocument } from '../../../src/domain/apis/openapi/read-openapi-document.ts';
import { AppError } from '../../../src/domain/errors.ts';

const GITHUB = createRequire(import.meta.url)
  .resolve('@octokit/openapi/package.json')
  .replace('package.json', 'generated/api.github.com.json');
const HEAD = { openapi: '3.1.0', info: { title: 'Shop', version: '1' } };
const SMALL = { ...HEAD, paths: { '/users/{id}': { get: { responses: {} } } } };
const read = (document: unknown, limits = {}) =>
  readOpenApiDocument({ document, slug: 'shop', proposeScopes: true }, limits);

function isInvalid(place: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, 'invalid_document');
    assert.match(error.message, message);
    assert.deepEqual(error.fields, [{ pointer: place, message: error.message }]);
    return true;
  };
}

test("GitHub's description gives 1,223 endpoints and two proposed scopes, as text and as an object", async (t) => {
  const text = readFileSync(GITHUB, 'utf8');
  const started = performance.now();
  const reading = await readOpenApiDocument({ document: text, slug: 'github', proposeScopes: true });
  t.diagnostic(
    `GitHub's description (${(text.length / 1e6).toFixed(1)} MB): ${Math.round(performance.now() - started)} ms`,
  );
  assert.equal(reading.endpoints.length, 1_223);
  assert.equal(reading.scopesFrom, 'proposal');
  assert.deepEqual(
    reading.scopes.map(({ name, access }) => [name, access]),
    [
      ['github:read', 'read'],
      ['github:full', 'full'],
    ],
  );
  for (const { method, scopes } of reading.endpoints) {
    assert.deepEqual(scopes, [method === 'GET' ? 'github:read' : 'github:full'], method);
  }
  const partial = reading.notes.filter((note) => note.includes('compare/{base}...{head}'));
  assert.equal(partial.length, 1, reading.notes.join('\n'));

  const object = await readOpenApiDocument({
    document: JSON.parse(text),
    slug: 'github',
    proposeScopes: true,
  });
  assert.ok(isDeepStrictEqual(object, reading));
  const plan = planImport(null, reading, new Set(), 'github');
  assert.equal(plan.add.length, 1_223);
});

test('while a document is read, the event loop goes on', async () => {
  const text = readFileSync(GITHUB, 'utf8');
  let turns = 0;
  const interval = setInterval(() => {
    turns += 1;
  }, 5);
  await read(text);
  clearInterval(interval);
  assert.ok(turns > 20, `${turns} turns`);
});

test('a fault in an object has a pointer into the request body, a fault in a text names the place in its message', async () => {
  const wrong = { ...HEAD, paths: { '/users/{id}': { get: [] } } };
  await assert.rejects(
    read(wrong),
    isInvalid(
      '/document/paths/~1users~1{id}/get',
      /^At \/paths\/~1users~1\{id\}\/get: An operation must be an object\.$/,
    ),
  );
  await assert.rejects(
    read(JSON.stringify(wrong)),
    isInvalid('/document', /^At \/paths\/~1users~1\{id\}\/get: An operation must be an object\.$/),
  );
  await assert.rejects(
    read('{\n  "openapi": tru\n}'),
    isInvalid('/document', /^Line 2, column 14: a value is expected/),
  );
});

test('a key of a megabyte is not sent back', async () => {
  const paths = { [`/${'a'.repeat(1_000_000)}`]: 'x' };
  await assert.rejects(
    read({ ...HEAD, paths }),
    isInvalid('/document', /^At \/paths\/~1a{200,300}…: A path item/),
  );
});

test('what is neither an object nor text is refused', async () => {
  for (const document of [null, 3, true, undefined]) {
    await assert.rejects(read(document), isInvalid('/document', /as an object or as JSON or YAML text/));
  }
  for (const document of ['', '   \n', '# nothing', 'just words', '[]', 'null', []]) {
    await assert.rejects(read(document), isInvalid('/document', /is an object with openapi, info and paths/));
  }
});

test('work without end is ended at the time limit, and the next document is read', async () => {
  // OpenAPI 3.0 wants tags to be unique, which the validator finds out by comparing each with each: minutes of work.
  const tags = Array.from({ length: 60_000 }, (_, index) => ({ name: 't', 'x-n': [index] }));
  const slow = { ...SMALL, openapi: '3.0.3', tags };
  await assert.rejects(
    read(slow, { milliseconds: 1_500 }),
    isInvalid('/document', /took longer than 1500 ms/),
  );
  assert.equal((await read(SMALL)).endpoints.length, 1);
});

test('after the time limit no thread goes on working, so that the process can end', async () => {
  const module = new URL('../../../src/domain/apis/openapi/read-openapi-document.ts', import.meta.url);
  const script = `import { readOpenApiDocument } from ${JSON.stringify(module.href)};
    const tags = Array.from({ length: 60_000 }, (_, index) => ({ name: 't', 'x-n': [index] }));
    const document = { ...${JSON.stringify({ ...SMALL, openapi: '3.0.3' })}, tags };
    await readOpenApiDocument({ document, slug: 's', proposeScopes: true }, { milliseconds: 1_500 }).catch((error) => {
      console.log(error.code);
    });`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    timeout: 20_000,
  });
  assert.equal(stdout.trim(), 'invalid_document');
});

test('a document that takes too much memory ends its thread, not the process', async () => {
  const huge = `openapi: 3.1.0\nx:\n${'- a\n'.repeat(2_000_000)}`;
  await assert.rejects(
    read(huge, { memoryMegabytes: 60 }),
    isInvalid('/document', /more than 60 MB of memory/),
  );
  assert.equal((await read(SMALL)).endpoints.length, 1);
});

test('an object nested so deeply that it cannot be written down is refused', async () => {
  let deep: unknown = {};
  for (let depth = 0; depth < 200_000; depth += 1) deep = [deep];
  await assert.rejects(read({ ...SMALL, deep }), isInvalid('/document', /nested too deeply/));
});

test('a document longer than the limit is refused before a thread is started', async () => {
  await assert.rejects(
    read(' '.repeat(101), { textLength: 100 }),
    isInvalid('/document', /longer than 100 characters/),
  );
});

test('ten documents at once are read or wait; an eleventh is told to come again', async () => {
  const ten = Array.from({ length: 10 }, () => read(SMALL));
  await assert.rejects(read(SMALL), (error) => error instanceof AppError && error.code === 'unavailable');
  for (const reading of await Promise.all(ten)) assert.equal(reading.endpoints.length, 1);
  assert.equal((await read(SMALL)).endpoints.length, 1);
});

test('keys called __proto__ are keys like any other', async () => {
  const text = `{"openapi":"3.1.0","info":{"title":"Shop","version":"1","__proto__":{"title":"x"}},
    "paths":{"/a":{"__proto__":{"post":{}},"get":{}},"/b":{"$ref":"#/components/pathItems/__proto__"}},
    "components":{"pathItems":{"__proto__":{"put":{}}}},"__proto__":{"polluted":true}}`;
  for (const document of [text, JSON.parse(text)]) {
    const { endpoints } = await read(document);
    assert.deepEqual(
      endpoints.map(({ method, path }) => `${method} ${path}`),
      ['GET /a', 'PUT /b'],
    );
  }
  assert.equal(Reflect.get({}, 'polluted'), undefined);
});
