import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { branchQuery } from '../../src/domain/api-keys/list-branch-query.ts';
import { type Branch, branchesOf } from '../../src/domain/api-keys/list-branches.ts';
import { prepareFindKeyRow } from '../../src/verification/find-key-row.ts';
import { type DatabaseKind, type Keywright, onBothDatabases } from '../harness.ts';
import { insertApiKeys, insertApplication } from '../insert-rows.ts';

type Query = Parameters<typeof branchesOf>[0];
type Statement = { sql: string; parameters: readonly unknown[] };

const keyId = 'key_01jd0c8rkee1t9n9p5mj6x2q7v';

onBothDatabases('plans of the key list', (kw, kind) => {
  let application = '';

  /** Skewed: one application, creator, environment and status have most; and of what is rare there is some. */
  before(async () => {
    application = await insertApplication(kw());
    const past = kw().services.clock() - 1_000;
    const fill = (count: number, fields: Parameters<typeof insertApiKeys>[3], at = application) =>
      insertApiKeys(kw(), at, count, fields);
    const ids = await fill(3_000, { created_by: 'usr_many', environment: 'production' });
    await insertSecrets(kw(), ids);
    await fill(600, { environment: 'development', expires_at: past, expiry_noted_at: past });
    for (const environment of ['development', 'staging', 'production'] as const) {
      await fill(300, { environment, revoked_at: past });
      await fill(300, { environment, disabled_at: past }, await insertApplication(kw()));
      await fill(300, { environment, expires_at: past, expiry_noted_at: past });
    }
    await fill(3, { name_key: 'rare', name: 'rare', expires_at: past });
    // As autovacuum does within a minute of so many rows.
    if (kind === 'postgres') await sql`analyze`.execute(kw().services.database.read);
  });

  /** What is asked, and the index of each branch: where a name has no order's suffix, rows are found first and then ordered. */
  const asked: [name: string, query: Query, indexes: (order: string) => readonly string[]][] = [
    ['everything', {}, (order) => [`api_key_${order}`]],
    ['an application', { applicationId: 'app' }, (order) => [`api_key_application_${order}`]],
    ['a creator', { createdBy: 'usr_many' }, (order) => [`api_key_creator_${order}`]],
    ['an environment', { environment: 'staging' }, (order) => standing(order, 4)],
    ['revoked', { status: 'revoked' }, (order) => standing(order, 3)],
    ['active', { status: 'active' }, (order) => standing(order, 3)],
    ['inactive', { status: 'inactive' }, (order) => standing(order, 3)],
    ['expired', { status: 'expired' }, (order) => [...standing(order, 3), 'api_key_expir']],
    [
      'an environment and active',
      { environment: 'production', status: 'active' },
      (order) => standing(order, 1),
    ],
    [
      'an environment and expired',
      { environment: 'development', status: 'expired' },
      (order) => [...standing(order, 1), 'api_key_expir'],
    ],
    ['the start of a name', { query: 'rare' }, () => ['api_key_by_name', 'secret_by_last_four']],
    ['the start of a longer name', { query: 'inserted' }, () => ['api_key_by_name']],
    ['an id', { query: keyId }, () => ['primary key']],
    [
      'revoked, and the start of a name',
      { query: 'inserted', status: 'revoked' },
      () => standing('by_name', 3),
    ],
  ];

  for (const sort of ['newest', 'by_name']) {
    for (const depth of ['first page', 'a page deep inside']) {
      describe(`${sort}, ${depth}: each branch is read by its index, in the order of the list`, () => {
        for (const [name, query, indexesOf] of asked) {
          // A search is by name.
          if (query.query !== undefined && sort === 'newest') continue;
          test(name, async () => {
            const filled =
              query.applicationId === undefined ? query : { ...query, applicationId: application };
            const branches = branchesOf(filled);
            const indexes = indexesOf(sort);
            assert.equal(branches.length, indexes.length);
            for (const [at, branch] of branches.entries()) {
              const plan = await explain(kw(), kind, statementOf(kw(), filled, branch, sort, depth));
              const index = indexes[at] ?? '';
              assert.match(plan, indexPattern(kind, index), plan);
              assert.doesNotMatch(plan, kind === 'sqlite' ? /SCAN api_key USING/ : /Seq Scan/, plan);
              const isOrdered = index.endsWith(sort);
              assert.equal(/TEMP B-TREE|Sort/.test(plan), !isOrdered, plan);
            }
          });
        }
      });
    }
  }

  test('the query of a verification goes from index to index', async () => {
    let statement: Statement = { sql: '', parameters: [] };
    const { database } = kw().services;
    prepareFindKeyRow(
      {
        ...database,
        prepareLists: (query) => {
          statement = query;
          return database.prepareLists(query);
        },
      },
      2,
    );
    const plan = await explain(kw(), kind, { ...statement, parameters: ['a', 'b'] });
    assert.match(plan, indexPattern(kind, 'secret_by_hash'), plan);
    assert.doesNotMatch(
      plan,
      kind === 'sqlite' ? /SCAN/ : /Seq Scan on (secret|api_key)|secret_by_api_key/,
      plan,
    );
  });
});

async function insertSecrets(kw: Keywright, apiKeyIds: readonly string[]): Promise<void> {
  const rows = apiKeyIds.map((api_key_id, index) => ({
    id: kw.services.newId('sec'),
    organization_id: kw.organizationId,
    api_key_id,
    hash: `hash ${index}`,
    pepper_version: 1,
    masked: '',
    last_four: String(index % 10_000).padStart(4, '0'),
    created_at: 0,
    ends_at: null,
    ended_at: null,
  }));
  await kw.services.database.write(async (tx) => {
    for (let start = 0; start < rows.length; start += 200) {
      await tx
        .insertInto('secret')
        .values(rows.slice(start, start + 200))
        .execute();
    }
  });
}

function standing(order: string, branches: number): string[] {
  return Array.from({ length: branches }, () => `api_key_standing_${order}`);
}

function indexPattern(kind: DatabaseKind, index: string): RegExp {
  if (index === 'primary key') return kind === 'sqlite' ? /sqlite_autoindex_api_key_1/ : /api_key_pkey/;
  // api_key_expired and api_key_expiring hold the same few rows.
  return new RegExp(index === 'api_key_expir' ? 'api_key_expir(ed|ing)\\b' : `\\b${index}\\b`);
}

function statementOf(kw: Keywright, query: Query, branch: Branch, sort: string, depth: string): Statement {
  const byName = sort === 'by_name';
  const after = byName ? ['inserted', keyId] : [keyId];
  return branchQuery(
    kw.services.database,
    {
      organizationId: kw.organizationId,
      query: { ...query, limit: 50 },
      byName,
      after: depth === 'first page' ? undefined : after,
      now: kw.services.clock(),
    },
    branch,
  ).compile();
}

/** The plan as text. On PostgreSQL without sequential scans, which a table of a few thousand rows would rightly get. */
async function explain(kw: Keywright, kind: DatabaseKind, statement: Statement): Promise<string> {
  const words = kind === 'sqlite' ? 'explain query plan' : 'explain';
  const rows = await kw.services.database.write(async (tx) => {
    if (kind === 'postgres') await sql`set local enable_seqscan = off`.execute(tx);
    const query = { ...sql``.compile(tx), ...statement, sql: `${words} ${statement.sql}` };
    return (await tx.executeQuery<Record<string, string>>(query)).rows;
  });
  return rows.map((row) => row.detail ?? row['QUERY PLAN']).join('\n');
}
