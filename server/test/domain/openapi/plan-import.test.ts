import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CurrentApi, ImportPlan } from '../../../src/domain/apis/openapi/import-plan.ts';
import type { OpenApiReading, ReadScope } from '../../../src/domain/apis/openapi/openapi-reading.ts';
import { planImport } from '../../../src/domain/apis/openapi/plan-import.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { readText } from './read-text.ts';

const scope = (name: string): ReadScope => ({ name, description: `May ${name}`, access: 'full' });
const endpoint = (method: string, path: string, ...scopes: string[]) => ({ method, path, scopes });

function reading(
  names: string[],
  endpoints: OpenApiReading['endpoints'],
  scopesFrom: OpenApiReading['scopesFrom'] = 'document',
): OpenApiReading {
  return { title: 'Shop', version: '1', scopes: names.map(scope), scopesFrom, endpoints, notes: [] };
}

/** The API as it is once a plan was carried out. */
function carryOut(current: CurrentApi | null, plan: ImportPlan): CurrentApi {
  const removed = new Set(plan.remove.map(({ id }) => id));
  const changed = new Map(plan.change.map((change) => [change.id, change]));
  const stayed = (current?.endpoints ?? []).filter(({ id }) => !removed.has(id));
  return {
    scopes: plan.scopes,
    endpoints: [
      ...stayed.map((before) => changed.get(before.id) ?? before),
      ...plan.add.map((added, index) => ({ id: `new_${index}_${added.method}_${added.path}`, ...added })),
    ],
  };
}

function assertNothingToDo(plan: ImportPlan, current: CurrentApi): void {
  assert.deepEqual([plan.add, plan.change, plan.remove], [[], [], []]);
  assert.deepEqual([plan.report.added, plan.report.changed, plan.report.removed], [[], [], []]);
  assert.equal(plan.keep, current.endpoints.length);
  assert.deepEqual(plan.scopes, current.scopes);
}

test('a first import adds everything', () => {
  const plan = planImport(null, reading(['a'], [endpoint('GET', '/x', 'a')]), new Set(), 'shop');
  assert.deepEqual(plan.add, [endpoint('GET', '/x', 'a')]);
  assert.deepEqual(plan.report.added, [{ method: 'GET', path: '/x' }]);
  assert.deepEqual(plan.scopes, [scope('a')]);
  assert.equal(plan.keep, 0);
});

test('importing again tells what is new, changed and gone, and keeps the ids of the rest', () => {
  const current: CurrentApi = {
    scopes: [scope('a'), scope('old')],
    endpoints: [
      { id: 'ep_1', ...endpoint('GET', '/users/{id}', 'a') },
      { id: 'ep_2', ...endpoint('GET', '/kept/{x}', 'b', 'a') },
      { id: 'ep_3', ...endpoint('DELETE', '/users/{id}', 'old') },
      { id: 'ep_4', ...endpoint('GET', '/renamed/{id}') },
    ],
  };
  const next = reading(
    ['a', 'b'],
    [
      endpoint('GET', '/users/{id}', 'a', 'b'),
      endpoint('GET', '/kept/{x}', 'a', 'b'),
      endpoint('GET', '/renamed/{userId}'),
      endpoint('POST', '/users'),
    ],
  );
  const plan = planImport(current, next, new Set(), 'shop');
  assert.deepEqual(plan.report.added, [{ method: 'POST', path: '/users' }]);
  assert.deepEqual(plan.report.changed, [
    { method: 'GET', path: '/users/{id}', what: 'it asks for a, b instead of a' },
    { method: 'GET', path: '/renamed/{userId}', what: 'its path was /renamed/{id}' },
  ]);
  assert.deepEqual(
    plan.change.map(({ id }) => id),
    ['ep_1', 'ep_4'],
  );
  assert.deepEqual(plan.remove, [{ id: 'ep_3', method: 'DELETE', path: '/users/{id}' }]);
  assert.equal(plan.keep, 1);
  assert.deepEqual(
    plan.scopes.map(({ name }) => name),
    ['a', 'b'],
  );
  assert.ok(plan.report.notes.some((note) => note.endsWith('removed: old.')));
});

test('two endpoints that differ only in the names of parameters, or in spelling, are an error that names both', () => {
  for (const [one, other] of [
    ['/u/{id}', '/u/{name}'],
    ['/caf\u00e9', '/caf%C3%A9'],
  ] as const) {
    const twice = reading([], [endpoint('GET', one), endpoint('PUT', other), endpoint('GET', other)]);
    assert.throws(
      () => planImport(null, twice, new Set(), 'shop'),
      (error) => {
        assert.ok(error instanceof AppError && error.code === 'invalid_document');
        assert.ok(error.message.includes(`GET ${one} and GET ${other} are the same endpoint`), error.message);
        return true;
      },
    );
  }
});

/** scopes of the document, scopes of other APIs, names expected. */
const RENAMES: [string, string[], string[], string[]][] = [
  ['free', ['a', 'b'], ['c'], ['a', 'b']],
  ['taken', ['a', 'b'], ['a'], ['shop:a', 'b']],
  ['taken, and the new name taken too', ['a'], ['a', 'shop:a', 'shop-2:a'], ['shop-3:a']],
  ['taken, and the new name is in the document', ['a', 'shop:a'], ['a'], ['shop-2:a', 'shop:a']],
  ['half a pair is taken', ['x:full', 'x:read'], ['x:read'], ['shop:x:full', 'shop:x:read']],
  [
    'half a pair is taken, its new name too',
    ['x:full', 'x:read'],
    ['x:full', 'shop:x:read'],
    ['shop-2:x:full', 'shop-2:x:read'],
  ],
  ['taken without its other half', ['x:read'], ['x:read', 'x:full'], ['shop:x:read']],
];

for (const [name, names, taken, expected] of RENAMES) {
  test(`a scope's name is unique in the organization: ${name}`, () => {
    const document = reading(names, [endpoint('GET', '/x', ...names)]);
    const plan = planImport(null, document, new Set(taken), 'shop');
    assert.deepEqual(
      plan.scopes.map((found) => found.name),
      expected,
    );
    assert.deepEqual(plan.add[0]?.scopes, [...expected].sort());
    const renames = names.flatMap((from, index) =>
      from === expected[index] ? [] : [{ from, to: expected[index] }],
    );
    assert.deepEqual(plan.report.renamedScopes, renames);
    assert.equal(plan.report.notes.length, renames.length);

    const current = carryOut(null, plan);
    assertNothingToDo(planImport(current, document, new Set(taken), 'shop'), current);
    assertNothingToDo(planImport(current, document, new Set(), 'shop'), current); // the other API is gone: keys hold the new names
  });
}

test('a scope that is held under its plain name keeps it when the document adds its other half, taken elsewhere', () => {
  const current = carryOut(null, planImport(null, reading(['x:read'], []), new Set(), 'shop'));
  const plan = planImport(current, reading(['x:read', 'x:full'], []), new Set(['x:full']), 'shop');
  assert.deepEqual(
    plan.scopes.map(({ name }) => name),
    ['x:read', 'shop:x:full'],
  );
});

test('a scope whose name would become too long is refused with the remedy', () => {
  const long = 'a'.repeat(98);
  assert.throws(
    () => planImport(null, reading([long], []), new Set([long]), 'shop'),
    (error) =>
      error instanceof AppError && /too long .* Rename the scope in the document/.test(error.message),
  );
});

for (const scopesFrom of ['proposal', 'none'] as const) {
  test(`a document that declares no scopes does not open endpoints that were restricted by hand (${scopesFrom})`, () => {
    const current: CurrentApi = {
      scopes: [scope('admin')],
      endpoints: [{ id: 'ep_1', ...endpoint('GET', '/a', 'admin') }],
    };
    const names = scopesFrom === 'proposal' ? ['shop:read', 'shop:full'] : [];
    const asked = names.slice(0, 1);
    const same = reading(names, [endpoint('GET', '/a', ...asked)], scopesFrom);
    assertNothingToDo(planImport(current, same, new Set(), 'shop'), current);

    const more = reading(names, [...same.endpoints, endpoint('GET', '/b', ...asked)], scopesFrom);
    const plan = planImport(current, more, new Set(), 'shop');
    assert.deepEqual(plan.add, [endpoint('GET', '/b', ...asked)]);
    assert.deepEqual(plan.change, []);
    assert.deepEqual(
      plan.scopes.map(({ name }) => name),
      ['admin', ...asked],
    );
    const after = carryOut(current, plan);
    assertNothingToDo(planImport(after, more, new Set(), 'shop'), after);
  });
}

test('a description written by hand stays where the document has none', () => {
  const current: CurrentApi = { scopes: [scope('a')], endpoints: [] };
  const silent: OpenApiReading = {
    ...reading([], []),
    scopes: [{ name: 'a', description: '', access: 'full' }],
  };
  assert.deepEqual(planImport(current, silent, new Set(), 'shop').scopes, [scope('a')]);
});

const segment = fc.constantFrom(
  'users',
  'orders',
  '{id}',
  '{name}',
  'v1',
  'caf\u00e9',
  'a:b',
  '{x}.json',
  '',
);
const name = fc.constantFrom(
  'read',
  'full',
  'x:read',
  'x:full',
  'shop:read',
  'shop:full',
  'shop:x:read',
  'a',
);
const method = fc.constantFrom('get', 'post', 'delete', 'head');
const operation = fc.record(
  { security: fc.array(fc.record({ o: fc.uniqueArray(name) }), { maxLength: 2 }) },
  { requiredKeys: [] },
);
const anyDocument = fc.record({
  openapi: fc.constantFrom('3.0.3', '3.1.0'),
  info: fc.constant({ title: 'Shop', version: '1' }),
  servers: fc.constantFrom([{ url: '/' }], [{ url: 'https://h/v1' }]),
  components: fc.dictionary(name, fc.constantFrom('', 'Words')).map((scopes) => ({
    securitySchemes: {
      o: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: 'https://h', scopes } } },
    },
  })),
  paths: fc.dictionary(
    fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => `/${segments.join('/')}`),
    fc.dictionary(method, operation, { maxKeys: 3 }),
    { maxKeys: 6 },
  ),
});

test('reading and planning twice in a row: the second plan has nothing to do', async () => {
  let planned = 0;
  await fc.assert(
    fc.asyncProperty(
      anyDocument,
      fc.option(anyDocument, { nil: null }),
      fc.boolean(),
      fc.uniqueArray(name),
      async (document, earlier, proposeScopes, others) => {
        const read = (source: unknown) => readText(source, { slug: 'shop', proposeScopes });
        const taken = new Set<string>(others);
        const readings = [...(earlier === null ? [] : [await read(earlier)]), await read(document)];
        let current: CurrentApi | null = null;
        try {
          for (const next of readings) current = carryOut(current, planImport(current, next, taken, 'shop'));
        } catch (error) {
          assert.ok(error instanceof AppError && /same endpoint/.test(error.message), String(error));
          return;
        }
        planned += 1;
        assert.ok(current !== null);
        for (const { name: held } of current.scopes) assert.ok(!taken.has(held), held);
        const known = new Set<string>(current.scopes.map((held) => held.name));
        for (const { scopes } of current.endpoints)
          for (const asked of scopes) assert.ok(known.has(asked), asked);
        assertNothingToDo(planImport(current, await read(document), taken, 'shop'), current);
      },
    ),
    { numRuns: 300 },
  );
  assert.ok(planned > 150, `${planned} of 300 documents could be planned`);
});
