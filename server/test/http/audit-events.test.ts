import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CompiledQuery, sql } from 'kysely';
import { listAuditEvents } from '../../src/domain/audit/list-audit-events.ts';
import { type Keywright, onBothDatabases } from '../harness.ts';

type Event = { id: string; seq: number; at: string; action: string; target: { id: string } };

onBothDatabases('audit events', (kw, kind) => {
  const createTeam = async (name: string) =>
    (await kw().call('POST', '/v1/teams', { body: { name } })).body as { id: string };
  const list = (query = '', key?: string) =>
    kw().call('GET', `/v1/audit-events${query}`, key === undefined ? {} : { key });

  describe('200', () => {
    test('an event says who did what to what, when, from where, and its place in the chain', async () => {
      const team = await createTeam('Said');
      const { status, body } = await list('?limit=1');
      assert.equal(status, 200);
      const [event] = body.data;
      assert.deepEqual(Object.keys(event), [
        ...['id', 'seq', 'at', 'actor', 'action', 'target', 'before', 'after'],
        ...['requestId', 'ip', 'userAgent', 'hash'],
      ]);
      assert.match(event.id, /^evt_/);
      assert.match(event.actor.id, /^mk_/);
      assert.equal(event.actor.type, 'management_key');
      assert.equal(event.action, 'team.created');
      assert.deepEqual(event.target, { type: 'team', id: team.id });
      assert.deepEqual([event.before, event.after], [null, { name: 'Said', mayTouchProductionKeys: false }]);
      assert.equal(event.ip, '127.0.0.1');
      assert.match(event.hash, /^[0-9a-f]{64}$/);
      assert.ok(Math.abs(Date.parse(event.at) - Date.now()) < 60_000);
    });

    test('page after page, newest first, every event comes exactly once', async () => {
      for (const name of ['Page 1', 'Page 2', 'Page 3', 'Page 4']) await createTeam(name);
      const seen: number[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const { body }: { body: { data: Event[]; nextCursor: string | null } } = await list(
          `?limit=2${cursor && `&cursor=${cursor}`}`,
        );
        seen.push(...body.data.map((event) => event.seq));
        cursor = body.nextCursor;
      }
      const total = seen[0] ?? 0;
      assert.ok(total >= 5);
      assert.deepEqual(
        seen,
        Array.from({ length: total }, (_, index) => total - index),
      );
    });

    test('action, targetId and actorId each narrow the list, and together too', async () => {
      const team = await createTeam('Filtered');
      const key = await kw().newManagementKey(['teams:update', 'audit_events:read']);
      await kw().call('PATCH', `/v1/teams/${team.id}`, { key, body: { name: 'Filtered again' } });
      const ofTeam = (await list(`?targetId=${team.id}`)).body.data;
      assert.deepEqual(
        ofTeam.map((event: Event) => event.action),
        ['team.updated', 'team.created'],
      );
      const actor = ofTeam[0].actor.id;
      const ofActor = (await list(`?actorId=${actor}`)).body.data;
      assert.deepEqual(
        ofActor.map((event: Event) => event.target.id),
        [team.id],
      );
      const updates = (await list('?action=team.updated')).body.data;
      assert.ok(updates.length >= 1 && updates.every((event: Event) => event.action === 'team.updated'));
      assert.deepEqual(
        (await list(`?action=team.created&actorId=${actor}&targetId=${team.id}`)).body.data,
        [],
      );
    });

    test('from is inclusive, to is not, and a cursor never leads out of the window', async () => {
      const teams: { id: string }[] = [];
      const before = kw().clock.ahead;
      for (const [index, name] of ['Day 1', 'Day 2', 'Day 3', 'Day 4'].entries()) {
        kw().clock.ahead = before + (index + 1) * 86_400_000;
        teams.push(await createTeam(name));
      }
      kw().clock.ahead = before;
      const at: string[] = [];
      for (const team of teams) at.push((await list(`?targetId=${team.id}`)).body.data[0].at);
      const window = `from=${at[1]}&to=${at[3]}`;
      const targets = (body: { data: Event[] }) => body.data.map((event) => event.target.id);
      const whole = await list(`?${window}`);
      assert.deepEqual(targets(whole.body), [teams[2]?.id, teams[1]?.id]);
      const first = await list(`?${window}&limit=1`);
      const second = await list(`?${window}&limit=1&cursor=${first.body.nextCursor}`);
      assert.deepEqual(targets(second.body), [teams[1]?.id]);
      assert.equal(second.body.nextCursor, null);
      const narrowed = await list(`?from=${at[0]}&to=${at[1]}&cursor=${first.body.nextCursor}`);
      assert.deepEqual(targets(narrowed.body), [teams[0]?.id]);
    });

    test("another organization's events and the installation's own are not there", async () => {
      const other = await kw().newOrganization('Other');
      await createTeam('Ours');
      const theirs = (await list('', other.adminKey)).body.data as Event[];
      assert.deepEqual(
        theirs.map((event) => event.action),
        ['management_key.created'],
      );
      const ours = (await list('?limit=200')).body.data as Event[];
      assert.ok(ours.every((event) => event.action !== 'organization.created'));
    });
  });

  test('400: a filter that is none is named, with its remedy', async () => {
    const wrong = await list('?action=Team&targetId=%27&from=yesterday&to=2026-01-01&limit=0&colour=red');
    assert.equal(wrong.status, 400);
    assert.deepEqual(wrong.body.errors.map((error: { pointer: string }) => error.pointer).sort(), [
      ...['?action', '?colour', '?from', '?limit', '?targetId', '?to'],
    ]);
    for (const parts of [['1'], ['1', 'x'], ['1', '1e999'], [1, 2]]) {
      const cursor = Buffer.from(JSON.stringify(parts)).toString('base64url');
      const answer = await list(`?cursor=${cursor}`);
      assert.deepEqual([answer.status, answer.body.errors[0].pointer], [400, '?cursor']);
    }
  });

  test('401: without a management key nothing is said', async () => {
    assert.equal((await kw().call('GET', '/v1/audit-events', { key: null })).status, 401);
  });

  test('403: a management key without audit_events:read is refused by the name of the scope', async () => {
    const key = await kw().newManagementKey(['teams:read']);
    const answer = await list('', key);
    assert.equal(answer.status, 403);
    assert.match(answer.body.detail, /audit_events:read/);
  });

  test('every way of filtering reads a stretch of one index, in order, and sorts nothing', async () => {
    await fillWithEvents(kw(), 'org_crowded', 3_000);
    const window = { from: '2026-01-01T00:00:10Z', to: '2026-01-01T00:20:00Z' };
    const filters = [
      { query: {}, index: 'audit_event_by_time' },
      { query: window, index: 'audit_event_by_time' },
      { query: { from: window.from }, index: 'audit_event_by_time' },
      { query: { to: window.to }, index: 'audit_event_by_time' },
      { query: { targetId: 'team_7' }, index: 'audit_event_by_target' },
      { query: { targetId: 'team_7', ...window }, index: 'audit_event_by_target' },
      { query: { actorId: 'mk_7' }, index: 'audit_event_by_actor' },
      { query: { actorId: 'mk_7', ...window }, index: 'audit_event_by_actor' },
      { query: { action: 'team.deleted' }, index: 'audit_event_by_action' },
      { query: { action: 'team.deleted', ...window }, index: 'audit_event_by_action' },
    ];
    for (const { query, index } of filters) {
      for (const cursor of [undefined, Buffer.from('["1767225900000","1500"]').toString('base64url')]) {
        const plan = await planOf(kw(), kind, { limit: 50, ...query, ...(cursor && { cursor }) });
        const said = JSON.stringify({ query, cursor, plan });
        assert.ok(plan.includes(index), said);
        assert.ok(!/TEMP B-TREE|Sort|SCAN audit_event|Seq Scan/.test(plan), said);
      }
    }
  });
});

/** Runs the verb itself on a reader that notes what it is asked, and answers the database's plan for that. */
async function planOf(keywright: Keywright, kind: string, query: Parameters<typeof listAuditEvents>[1]) {
  const { read } = keywright.services.database;
  const seen: CompiledQuery[] = [];
  const noting = read.withPlugin({
    transformQuery: ({ node, queryId }) => {
      seen.push(read.getExecutor().compileQuery(node, queryId));
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const ctx = keywright.ctx('org_crowded');
  await listAuditEvents({ ...ctx, database: { ...ctx.database, read: noting } }, query);
  const [compiled] = seen;
  assert.ok(compiled !== undefined);
  const explain = kind === 'sqlite' ? 'explain query plan ' : 'explain ';
  const plan = await read.executeQuery({ ...compiled, sql: explain + compiled.sql });
  return JSON.stringify(plan.rows);
}

/** Events a second apart, by 100 actors on 100 targets, of two actions of which one is rare; their hashes fit nothing. */
async function fillWithEvents(keywright: Keywright, chain: string, count: number): Promise<void> {
  const { database } = keywright.services;
  for (let start = 1; start <= count; start += 200) {
    const rows = Array.from({ length: 200 }, (_, index) => start + index).map((seq) => ({
      chain,
      seq,
      id: `evt_${seq}`,
      at: Date.parse('2026-01-01T00:00:00Z') + seq * 1_000,
      actor_type: 'management_key' as const,
      actor_id: `mk_${seq % 100}`,
      action: seq % 100 === 0 ? 'team.deleted' : 'team.updated',
      target_type: 'team',
      target_id: `team_${seq % 100}`,
      before: null,
      after: '{}',
      request_id: 'req_test',
      ip: null,
      user_agent: null,
      hash: '',
    }));
    await database.write((tx) => tx.insertInto('audit_event').values(rows).execute());
  }
  if (database.kind === 'postgres') await database.write((tx) => sql`analyze audit_event`.execute(tx));
}
