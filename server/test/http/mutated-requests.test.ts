import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { verifyChain } from '../../src/domain/audit/verify-chain.ts';
import { allRoutes } from '../../src/http/routes/all-routes.ts';
import { type Keywright, onBothDatabases } from '../harness.ts';
import { operations, type Prepared } from '../operations.ts';
import { assertProblem } from '../problem-assertions.ts';

// Whatever a good request of any operation is bent into: an answer in the API's format, never a 5xx.

const loneSurrogates = fc.constantFrom('\ud800', 'a\udfff', '\udc00\ud800');
const oddTexts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  loneSurrogates,
  fc.constantFrom('', ' ', '\0', '\u202e', '__proto__', '../..', "';--", '%00', '{{x}}', 'kwm_', '*', '\n'),
  fc.constantFrom('9'.repeat(400), 'x'.repeat(100_000), '0000-00-00T00:00:00Z', '::ffff:1.2.3.4/97', 'null'),
  fc.constantFrom('team', 'key', 'app', 'mk', 'org').map((prefix) => `${prefix}_01jd0c8rkee1t9n9p5mj6x2q7v`),
);
const numbers = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, -1, 0.5, 2 ** 31, 2 ** 53, 2 ** 63, 1e308, -1e308, 5e-324),
);
const oddValues = fc.oneof(
  { weight: 3, arbitrary: oddTexts },
  numbers,
  fc.constantFrom(null, true, false, [], {}, [[]], [null], { $ne: null }, { length: 3 }),
  fc.array(oddTexts, { maxLength: 4 }),
  fc.jsonValue({ maxDepth: 3 }),
);
const mutations = fc.array(
  fc.record({
    what: fc.constantFrom('replace', 'remove', 'add', 'wrap', 'whole'),
    where: fc.nat(),
    name: oddTexts,
    value: oddValues,
  }),
  { minLength: 1, maxLength: 3 },
);
type Mutation = { what: string; where: number; name: string; value: unknown };

/** Every object and list in the body, to pick one of. */
function containers(value: unknown, found: object[] = []): object[] {
  if (typeof value !== 'object' || value === null) return found;
  found.push(value);
  for (const inner of Object.values(value)) containers(inner, found);
  return found;
}

function mutate(body: unknown, all: readonly Mutation[]): unknown {
  let root: unknown = structuredClone(body ?? {});
  for (const { what, where, name, value } of all) {
    const within = containers(root);
    const picked = within[where % within.length] as Record<string, unknown> | undefined;
    const names = Object.keys(picked ?? {});
    const member = names[where % names.length] ?? name;
    if (what === 'whole' || picked === undefined) root = structuredClone(value);
    // The length of a list cannot be taken away.
    else if (what === 'remove') Reflect.deleteProperty(picked, member);
    else if (what === 'wrap') put(picked, member, [picked[member]]);
    else put(picked, what === 'add' ? name : member, value);
  }
  return root;
}

/** As JSON.parse does it: `__proto__` is a member like any other. */
function put(into: object, name: string, value: unknown): void {
  if (Array.isArray(into) && !/^\d$/.test(name)) {
    into.push(structuredClone(value));
    return;
  }
  Object.defineProperty(into, name, {
    value: structuredClone(value),
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

async function assertAnswered(kw: Keywright, method: string, { path, body }: Prepared): Promise<void> {
  const answer = await kw.call(method, path, body === undefined ? {} : { body });
  const said = `${method} ${path}: ${JSON.stringify(answer.body).slice(0, 1_000)}`;
  assert.ok(answer.status < 500, said);
  if (answer.status >= 400) assertProblem(answer);
  else assert.equal(typeof answer.body, 'object', said);
}

const methodOf = (id: string) =>
  allRoutes.find((route) => route.operationId === id)?.method.toUpperCase() ?? '';

onBothDatabases('a request bent out of shape', (kw) => {
  const names = Object.keys(operations).filter((id) => !['GET', 'DELETE'].includes(methodOf(id)));
  for (const id of names) {
    it(`of ${id} is answered in the format of the API, whatever its body holds`, async () => {
      const good = await operations[id]?.prepare(kw());
      assert.ok(good !== undefined);
      await fc.assert(
        fc.asyncProperty(mutations, (all) =>
          assertAnswered(kw(), methodOf(id), { ...good, body: mutate(good.body, all) }),
        ),
        // A document is read by a thread of its own.
        { numRuns: id === 'importApi' ? 8 : 25 },
      );
    });
  }

  it('is answered in the format of the API, whatever its path and query hold', async () => {
    const ids = Object.keys(operations);
    const oddTarget = fc.record({
      id: fc.constantFrom(...ids),
      part: fc.nat(),
      text: fc.oneof(oddTexts, fc.string({ unit: 'grapheme', maxLength: 10 })),
      raw: fc.constantFrom('', '%', '%zz', '%C0%AF', '%ED%A0%80', '&', '+', '%2f..%2f'),
      parameters: fc.array(
        fc.tuple(
          fc.oneof(
            fc.constantFrom('cursor', 'limit', 'query', 'status', 'environment', 'applicationId', 'since'),
            fc.constantFrom('createdBy', 'action', 'actorId', 'targetId', 'before', 'until', 'teamId'),
            oddTexts,
          ),
          oddTexts,
        ),
        { maxLength: 2 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(oddTarget, async ({ id, part, text, raw, parameters }) => {
        const template = allRoutes.find((route) => route.operationId === id)?.path ?? '';
        const places = template.split('/').length - 1;
        const path = template
          .split('/')
          .map((word, index) =>
            word.startsWith('{') || index === 1 + (part % (places * 4)) ? encode(text) + raw : word,
          )
          .join('/')
          .slice(0, 8_000);
        const query = parameters.map(([name, value]) => `${encode(name)}=${encode(value)}${raw}`).join('&');
        await assertAnswered(kw(), 'GET', { path: `${path}?${query}`.slice(0, 12_000) });
      }),
      { numRuns: 300 },
    );
  });

  it('leaves a chain that goes on, and nothing in the log that is called an error', async () => {
    const errors = kw()
      .logged()
      .split('\n')
      .filter((line) => line.includes('"level":"error"'));
    assert.deepEqual(errors, []);
    const answer = await kw().call('POST', '/v1/teams', { body: { name: 'After all that' } });
    assert.equal(answer.status, 201);
    const { database, auditKey } = kw().services;
    const verdict = await verifyChain(database.read, auditKey, kw().organizationId);
    assert.ok(verdict.ok, JSON.stringify(verdict));
  });
});

/** Percent-encodes; a lone surrogate, for which there are no right bytes, as the wrong ones of CESU-8. */
function encode(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80';
}
