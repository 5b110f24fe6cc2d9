import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { CompiledQuery } from 'kysely';
import type { Coherence } from '../../src/coherence/coherence.ts';
import type { Database } from '../../src/database/database.ts';
import { drawCheckedSecret } from '../../src/lib/checked-secret.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { VerifyInput } from '../../src/verification/conclude.ts';
import { createVerifier } from '../../src/verification/verifier.ts';
import { issueKey, makeApi, makeApplication } from '../fixtures.ts';
import { onBothDatabases } from '../harness.ts';

type Verify = (input: Partial<VerifyInput>) => Promise<{ reason: string; statements: number }>;

onBothDatabases('what a verification asks of the database', (kw) => {
  let verify: Verify;
  /** Of a verifier whose caches may be used. */
  let verifyKept: Verify;
  let slug: string;
  let secret: string;
  let mistyped: string;

  before(async () => {
    const api = await makeApi(kw());
    const application = await makeApplication(kw(), { connectedTo: [api] });
    slug = api.slug;
    ({ secret } = await issueKey(kw(), application.id, { scopes: [`${slug}:read`] }));
    mistyped = `${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`;
    verify = start(() => false);
    verifyKept = start(() => true);
    // What is kept by its revision is read once.
    await verify({});
  });

  function start(isCurrent: () => boolean): Verify {
    const { services } = kw();
    const { database, statements } = counting(services.database);
    const uses = {
      apiKey: () => undefined,
      managementKey: () => undefined,
      movePepper: () => undefined,
      waiting: () => 0,
    };
    const verifier = createVerifier({
      ...services,
      database,
      uses: { ...uses, close: async () => undefined },
      coherence: coherenceThat(isCurrent),
      cacheBytes: 1_000_000,
    });
    return async (input) => {
      const asked = statements();
      const verification = await verifier.verify({
        organizationId: kw().organizationId,
        secret,
        apiKeyId: null,
        api: slug,
        method: 'GET',
        path: '/orders',
        scopes: [],
        environment: 'production',
        ip: null,
        userAgent: null,
        ...input,
      });
      return {
        reason: verification.allowed ? 'allowed' : verification.reason,
        statements: statements() - asked,
      };
    };
  }

  test('none for a key that is kept, or is known to be nowhere, while what is kept may be used', async () => {
    const nowhere = { secret: drawCheckedSecret('kw_live_', systemRandom) };
    await verifyKept({});
    await verifyKept(nowhere);
    assert.deepEqual(await verifyKept({}), { reason: 'allowed', statements: 0 });
    assert.deepEqual(await verifyKept({ path: '/orders/7' }), { reason: 'allowed', statements: 0 });
    assert.deepEqual(await verifyKept(nowhere), { reason: 'unknown_key', statements: 0 });
  });

  test('one statement for a key that passes, whatever it is asked for', async () => {
    assert.deepEqual(await verify({}), { reason: 'allowed', statements: 1 });
    assert.deepEqual(await verify({ path: '/orders/7' }), { reason: 'allowed', statements: 1 });
    assert.deepEqual(await verify({ method: 'POST' }), { reason: 'insufficient_scope', statements: 1 });
    assert.deepEqual(await verify({ path: '/nothing' }), { reason: 'unknown_endpoint', statements: 1 });
  });

  test("the same one for a key that is nowhere, another organization's, or not the one that is named", async () => {
    const unknown = { reason: 'unknown_key', statements: 1 };
    assert.deepEqual(await verify({ secret: drawCheckedSecret('kw_live_', systemRandom) }), unknown);
    const { organizationId } = await kw().newOrganization('Elsewhere');
    assert.deepEqual(await verify({ organizationId }), unknown);
    assert.deepEqual(await verify({ apiKeyId: 'key_00000000000000000000000000' }), unknown);
  });

  test('none for what is no key by its form or its checksum', async () => {
    for (const text of ['', 'x', mistyped, secret.slice(1), `${secret}0`, `${secret} `, kw().adminKey]) {
      const { reason, statements } = await verify({ secret: text });
      assert.equal(reason, 'malformed', text.slice(0, 8));
      // Text of another form is looked for only where keys of other systems were imported, which is asked.
      assert.ok(statements <= (text === secret.slice(1) || text === `${secret}0` ? 1 : 0), text.slice(0, 8));
    }
  });
});

function coherenceThat(isCurrent: () => boolean): Coherence {
  return {
    isCurrent,
    generation: () => 0,
    onChange: () => undefined,
    databaseTime: () => 0,
    state: () => ({ applied: 0, leaseRemainingMs: null, epoch: null }),
    close: async () => undefined,
  };
}

/** Counts what is asked by prepared statements and by queries. */
function counting(database: Database): { database: Database; statements: () => number } {
  let statements = 0;
  const counted = <Rows>(run: (parameters: readonly unknown[]) => Promise<Rows>) => {
    return (parameters: readonly unknown[]) => {
      statements += 1;
      return run(parameters);
    };
  };
  return {
    database: {
      ...database,
      read: database.read.withPlugin({
        transformQuery: ({ node }) => {
          statements += 1;
          return node;
        },
        transformResult: async ({ result }) => result,
      }),
      prepare: <Row>(query: CompiledQuery<Row>) => counted(database.prepare<Row>(query)),
      prepareLists: <Row extends readonly unknown[]>(query: CompiledQuery) =>
        counted(database.prepareLists<Row>(query)),
    },
    statements: () => statements,
  };
}
