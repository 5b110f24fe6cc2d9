import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { CompiledQuery } from 'kysely';
import type { Database } from '../../src/database/database.ts';
import { drawCheckedToken } from '../../src/lib/checked-token.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createVerifier, type VerifyInput } from '../../src/verification/verifier.ts';
import { issueKey, makeApi, makeApplication } from '../fixtures.ts';
import { onBothDatabases } from '../harness.ts';

onBothDatabases('what a verification asks of the database', (kw) => {
  let verify: (input: Partial<VerifyInput>) => Promise<{ reason: string; statements: number }>;
  let slug: string;
  let secret: string;
  let mistyped: string;

  before(async () => {
    const api = await makeApi(kw());
    const application = await makeApplication(kw(), { connectedTo: [api] });
    slug = api.slug;
    ({ secret } = await issueKey(kw(), application.id, { scopes: [`${slug}:read`] }));
    mistyped = `${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`;
    const { services } = kw();
    const { database, statements } = counting(services.database);
    const uses = { apiKey: () => undefined, managementKey: () => undefined, movePepper: () => undefined };
    const verifier = createVerifier({
      ...services,
      database,
      uses: { ...uses, close: async () => undefined },
    });
    verify = async (input) => {
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
    // What is kept by its revision is read once.
    await verify({});
  });

  test('one statement for a key that passes, whatever it is asked for', async () => {
    assert.deepEqual(await verify({}), { reason: 'allowed', statements: 1 });
    assert.deepEqual(await verify({ path: '/orders/7' }), { reason: 'allowed', statements: 1 });
    assert.deepEqual(await verify({ method: 'POST' }), { reason: 'insufficient_scope', statements: 1 });
    assert.deepEqual(await verify({ path: '/nothing' }), { reason: 'unknown_endpoint', statements: 1 });
  });

  test("the same one for a key that is nowhere, another organization's, or not the one that is named", async () => {
    const unknown = { reason: 'unknown_key', statements: 1 };
    assert.deepEqual(await verify({ secret: drawCheckedToken('kw_live_', systemRandom) }), unknown);
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
