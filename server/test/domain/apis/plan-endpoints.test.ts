import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CheckedEndpoint, checkDefinition } from '../../../src/domain/apis/check-definition.ts';
import { isEmptyPlan, planEndpoints } from '../../../src/domain/apis/plan-endpoints.ts';
import type { StoredEndpoint } from '../../../src/domain/apis/read-api-parts.ts';

const scopes = ['a:read', 'a:full'].map((name) => ({ name }));
const paths = ['/a', '/a/{x}', '/a/{y}', '/b', '/b/{x}/c', '/%62', '/b/{z}/c'];
const shapes = new Map<string, string>();
for (const path of paths) {
  const [checked] = await checkDefinition([], [{ method: 'GET', path, scopes: [] }]);
  shapes.set(path, String(checked?.shape));
}
const endpoint = fc.record({
  method: fc.constantFrom('GET' as const, 'POST' as const),
  path: fc.constantFrom(...paths),
  scopes: fc.subarray(scopes.map((scope) => scope.name)),
});

/** Endpoints as a body may list them: each method and shape once. */
const definition = fc.array(endpoint, { maxLength: 14 }).map((endpoints) => {
  const kept: CheckedEndpoint[] = [];
  for (const candidate of endpoints) {
    const checked = {
      ...candidate,
      shape: String(shapes.get(candidate.path)),
      scopes: [...candidate.scopes].sort(),
    };
    if (!kept.some((one) => identity(one) === identity(checked))) kept.push(checked);
  }
  return kept;
});

const identity = ({ method, shape }: CheckedEndpoint) => `${method} ${shape}`;
const withoutId = ({ id: _, ...rest }: StoredEndpoint): CheckedEndpoint => rest;
const store = (endpoints: readonly CheckedEndpoint[], from = 0): StoredEndpoint[] =>
  endpoints.map((one, index) => ({ ...one, id: `ep_${from + index}` }));

/** What the database holds after the plan was carried out. */
function carryOut(stored: readonly StoredEndpoint[], wanted: readonly CheckedEndpoint[]): StoredEndpoint[] {
  const plan = planEndpoints(stored, wanted);
  const gone = new Set([...plan.remove, ...plan.change.map((change) => change.before)].map(({ id }) => id));
  return [
    ...stored.filter(({ id }) => !gone.has(id)),
    ...plan.change.map((change) => change.after),
    ...store(plan.add, 1_000),
  ];
}

test('carrying out a plan makes the stored endpoints those that are wanted, whatever was there', () => {
  fc.assert(
    fc.property(definition, definition, (before, wanted) => {
      const byIdentity = (some: CheckedEndpoint[]) =>
        some.sort((a, b) => identity(a).localeCompare(identity(b)));
      const after = carryOut(store(before), wanted).map(withoutId);
      assert.deepEqual(byIdentity(after), byIdentity([...wanted]));
    }),
  );
});

test('an endpoint whose method and shape stay keeps its id', () => {
  fc.assert(
    fc.property(definition, definition, (before, wanted) => {
      const stored = store(before);
      const after = new Map(carryOut(stored, wanted).map((one) => [identity(one), one.id]));
      for (const old of stored) {
        if (wanted.some((one) => identity(one) === identity(old)))
          assert.equal(after.get(identity(old)), old.id);
      }
    }),
  );
});

test('planning again finds nothing to do', () => {
  fc.assert(
    fc.property(definition, definition, (before, wanted) => {
      assert.ok(isEmptyPlan(planEndpoints(carryOut(store(before), wanted), wanted)));
    }),
  );
});
