import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { issueKey, makeApplication } from '../fixtures.ts';
import { auditEvents, onBothDatabases } from '../harness.ts';
import { insertApiKeys } from '../insert-rows.ts';

onBothDatabases('applications', (kw) => {
  const create = async (title: string, fields: object = {}) =>
    (await kw().call('POST', '/v1/applications', { body: { title, description: '', ...fields } })).body;
  const createTeam = async (name: string): Promise<string> =>
    (await kw().call('POST', '/v1/teams', { body: { name } })).body.id;
  const titles = (body: { data: { title: string }[] }) => body.data.map((application) => application.title);

  describe('201', () => {
    test('POST /v1/applications answers the application whole and writes its audit event', async () => {
      const teamId = await createTeam('Owners');
      const answer = await kw().call('POST', '/v1/applications', {
        body: { title: 'Shop', description: '', teamId },
      });
      assert.equal(answer.status, 201);
      assert.match(answer.body.id, /^app_[0-9a-z]{26}$/);
      const { id, createdAt, createdBy, updatedAt, propagation, ...rest } = answer.body;
      assert.deepEqual(rest, { title: 'Shop', description: '', teamId });
      assert.match(createdBy, /^mk_/);
      assert.equal(createdAt, updatedAt);
      assert.equal(new Date(createdAt).toISOString(), createdAt);
      assert.deepEqual(Object.keys(propagation), ['verifiers', 'milliseconds']);
      const [event] = await auditEvents(kw(), 1);
      assert.deepEqual(
        [event?.action, event?.target_id, event?.after],
        ['application.created', id, `{"description":"","teamId":"${teamId}","title":"Shop"}`],
      );
      assert.equal((await kw().call('GET', `/v1/applications/${id}`)).body.title, 'Shop');
    });

    test('the same Idempotency-Key answers the same application and makes no second one', async () => {
      const options = { body: { title: 'Once', description: '' }, headers: { 'Idempotency-Key': 'app-1' } };
      const first = await kw().call('POST', '/v1/applications', options);
      const second = await kw().call('POST', '/v1/applications', options);
      assert.deepEqual([second.status, second.body.id, second.body.replayed], [201, first.body.id, true]);
    });
  });

  describe('200', () => {
    test('the list is newest first and is read page by page to its end', async () => {
      for (const title of ['Page 1', 'Page 2', 'Page 3']) await create(title);
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: string = cursor && `&cursor=${cursor}`;
        const { body } = await kw().call('GET', `/v1/applications?limit=2${page}`);
        seen.push(...titles(body));
        cursor = body.nextCursor;
      }
      assert.equal(new Set(seen).size, seen.length);
      assert.deepEqual(seen.slice(0, 3), ['Page 3', 'Page 2', 'Page 1']);
    });

    test('the list is filtered by team and by the start of the title in any case, and then sorted by title', async () => {
      const teamId = await createTeam('Searchers');
      await create('Écluse b', { teamId });
      await create('ÉCLUSE a');
      await create('écluse c', { teamId });
      await create('100% écluse', { teamId });
      const list = async (query: string) => (await kw().call('GET', `/v1/applications?${query}`)).body;
      const start = encodeURIComponent('éCluse');
      assert.deepEqual(titles(await list(`query=${start}`)), ['ÉCLUSE a', 'Écluse b', 'écluse c']);
      assert.deepEqual(titles(await list(`teamId=${teamId}`)), ['100% écluse', 'écluse c', 'Écluse b']);
      const first = await list(`teamId=${teamId}&query=${start}&limit=1`);
      assert.deepEqual(titles(first), ['Écluse b']);
      const second = await list(`teamId=${teamId}&query=${start}&limit=1&cursor=${first.nextCursor}`);
      assert.deepEqual([titles(second), second.nextCursor], [['écluse c'], null]);
      assert.deepEqual(titles(await list('query=%25')), []);
    });

    test('PATCH with the ETag that GET gave changes what it names, gives a new ETag and says so in the audit', async () => {
      const application = await create('Before', { description: 'kept' });
      const path = `/v1/applications/${application.id}`;
      const read = await kw().call('GET', path);
      const teamId = await createTeam('New owners');
      const patched = await kw().call('PATCH', path, {
        body: { title: 'After', teamId },
        headers: { 'If-Match': String(read.headers.get('etag')) },
      });
      const { title, description } = patched.body;
      assert.deepEqual([patched.status, title, description], [200, 'After', 'kept']);
      assert.equal(patched.body.teamId, teamId);
      assert.notEqual(patched.headers.get('etag'), read.headers.get('etag'));
      const [event] = await auditEvents(kw(), 1);
      assert.deepEqual(
        [event?.action, event?.before, event?.after],
        ['application.updated', '{"teamId":null,"title":"Before"}', `{"teamId":"${teamId}","title":"After"}`],
      );
      const found = await kw().call('GET', '/v1/applications?query=after');
      assert.deepEqual(titles(found.body), ['After']);
      assert.equal((await kw().call('PATCH', path, { body: { teamId: null } })).body.teamId, null);
    });

    test('DELETE takes the keys along, each with an audit event of its own, and answers the same again', async () => {
      const application = await create('Short-lived');
      const path = `/v1/applications/${application.id}`;
      const [first = '', second = ''] = await insertApiKeys(kw(), application.id, 2, {
        environment: 'production',
      });
      const answer = await kw().call('DELETE', path);
      assert.deepEqual([answer.status, answer.body.id, answer.body.deletedApiKeys], [200, application.id, 2]);
      assert.equal((await kw().call('GET', path)).status, 404);
      assert.deepEqual(titles((await kw().call('GET', '/v1/applications?query=short-lived')).body), []);

      const events = (await auditEvents(kw(), 3)).map((event) => [
        event.action,
        event.target_id,
        event.after,
      ]);
      assert.deepEqual(events, [
        ['api_key.deleted', second, null],
        ['api_key.deleted', first, null],
        ['application.deleted', application.id, '{"deletedApiKeys":2}'],
      ]);
      const keys = await kw()
        .services.database.read.selectFrom('api_key')
        .select(['deleted_at', 'revision'])
        .where('application_id', '=', application.id)
        .execute();
      assert.ok(keys.every((key) => key.deleted_at !== null && key.revision === 2));
      const log = await kw()
        .services.database.read.selectFrom('change_log')
        .select('subject')
        .where('subject', 'in', [application.id, first, second])
        .where('seq', '=', (eb) => eb.selectFrom('change_counter').select('seq'))
        .execute();
      assert.equal(log.length, 3);

      const again = await kw().call('DELETE', path);
      assert.deepEqual([again.status, again.body.deletedApiKeys], [200, 0]);
      assert.equal((await auditEvents(kw(), 1))[0]?.target_id, second);
    });
  });

  describe('400', () => {
    const wrong: [string, object][] = [
      ['/title', { title: '', description: '' }],
      ['/title', { title: 'x'.repeat(101), description: '' }],
      ['/title', { title: 'nul\u0000', description: '' }],
      ['/description', { title: 'Long', description: 'x'.repeat(2_001) }],
      ['/teamId', { title: 'Wrong kind', description: '', teamId: 'app_01jd0c8rkee1t9n9p5mj6x2q7v' }],
      ['/teamId', { title: 'No such team', description: '', teamId: 'team_01jd0c8rkee1t9n9p5mj6x2q7v' }],
      ['/owner', { title: 'Unknown field', description: '', owner: 'me' }],
    ];
    for (const [pointer, body] of wrong) {
      test(`the wrong field is named: ${pointer} of ${JSON.stringify(body).slice(0, 60)}`, async () => {
        const answer = await kw().call('POST', '/v1/applications', { body });
        assert.deepEqual([answer.status, answer.body.errors?.[0].pointer], [400, pointer]);
      });
    }

    test("another organization's team is as unknown as one that never was", async () => {
      const other = await kw().newOrganization('Other');
      const team = await kw().call('POST', '/v1/teams', { key: other.adminKey, body: { name: 'Theirs' } });
      const body = { title: 'Mine', description: '', teamId: team.body.id };
      const answer = await kw().call('POST', '/v1/applications', { body });
      assert.deepEqual([answer.status, answer.body.errors?.[0].pointer], [400, '/teamId']);
    });
  });

  describe('403', () => {
    test('a management key without the scope is refused by the name of the scope, on every verb', async () => {
      const { id } = await create('Guarded');
      const key = await kw().newManagementKey(['applications:read']);
      const path = `/v1/applications/${id}`;
      const refusals: [string, string, object | undefined, RegExp][] = [
        ['POST', '/v1/applications', { title: 'No', description: '' }, /applications:create/],
        ['PATCH', path, { title: 'No' }, /applications:update/],
        ['DELETE', path, undefined, /applications:delete/],
      ];
      for (const [method, to, body, scope] of refusals) {
        const answer = await kw().call(method, to, { key, ...(body && { body }) });
        assert.equal(answer.status, 403);
        assert.match(answer.body.detail, scope);
      }
      assert.equal((await kw().call('GET', path, { key: await kw().newManagementKey([]) })).status, 403);
    });

    test('deleting an application with keys needs the right to delete these keys, in production that one too', async () => {
      const { id } = await create('Has keys');
      const path = `/v1/applications/${id}`;
      const scopes = ['applications:delete'];
      const remove = async () => kw().call('DELETE', path, { key: await kw().newManagementKey(scopes) });
      await insertApiKeys(kw(), id, 1);
      assert.match((await remove()).body.detail, /api_keys:delete/);
      await insertApiKeys(kw(), id, 1, { environment: 'production' });
      scopes.push('api_keys:delete');
      assert.match((await remove()).body.detail, /api_keys:production/);
      assert.equal((await kw().call('GET', path)).status, 200);
      scopes.push('api_keys:production');
      assert.equal((await remove()).status, 200);
    });
  });

  test("404: another organization's application is neither shown, changed nor deleted", async () => {
    const { id } = await create('Ours');
    const { adminKey: key } = await kw().newOrganization('Other');
    const path = `/v1/applications/${id}`;
    assert.equal((await kw().call('GET', path, { key })).status, 404);
    assert.equal((await kw().call('PATCH', path, { key, body: { title: 'Theirs' } })).status, 404);
    assert.equal((await kw().call('DELETE', path, { key })).status, 404);
    assert.deepEqual((await kw().call('GET', '/v1/applications', { key })).body.data, []);
    assert.equal((await kw().call('GET', path)).body.title, 'Ours');
  });

  test('409: an application does not bring a team more keys than its limit allows', async () => {
    const body = (name: string) => ({ body: { name } });
    const [from, to] = [
      await kw().call('POST', '/v1/teams', body('Giving')),
      await kw().call('POST', '/v1/teams', body('Taking')),
    ];
    const application = await makeApplication(kw(), { teamId: from.body.id });
    for (const name of ['One', 'Two']) await issueKey(kw(), application.id, { name, environment: 'staging' });
    const move = () =>
      kw().call('PATCH', `/v1/applications/${application.id}`, { body: { teamId: to.body.id } });
    await kw().call('PUT', '/v1/policies/staging', { body: { maxKeysPerTeam: 1 } });
    const refused = await move();
    assert.deepEqual([refused.status, refused.body.code], [409, 'key_limit_reached']);
    await kw().call('PUT', '/v1/policies/staging', { body: { maxKeysPerTeam: 2 } });
    assert.equal((await move()).status, 200);
    await kw().call('PUT', '/v1/policies/staging', { body: { maxKeysPerTeam: null } });
  });

  test('409: more keys than can go at once are said with their number and the remedy, and nothing is deleted', async () => {
    const { id } = await create('Crowded');
    const ids = await insertApiKeys(kw(), id, 203);
    const path = `/v1/applications/${id}`;
    const answer = await kw().call('DELETE', path);
    assert.deepEqual([answer.status, answer.body.code], [409, 'application_has_keys']);
    assert.match(answer.body.detail, /has 203 API keys.*Delete 3 or more/);
    const { database } = kw().services;
    await database.write((tx) =>
      tx.updateTable('api_key').set({ deleted_at: 1 }).where('id', 'in', ids.slice(0, 3)).execute(),
    );
    assert.deepEqual((await kw().call('DELETE', path)).body.deletedApiKeys, 200);
  });

  test('412: a change made from an old reading is refused', async () => {
    const { id } = await create('Read twice');
    await kw().call('PATCH', `/v1/applications/${id}`, { body: { title: 'Changed meanwhile' } });
    const answer = await kw().call('PATCH', `/v1/applications/${id}`, {
      body: { title: 'Lost' },
      headers: { 'If-Match': '"1"' },
    });
    assert.deepEqual([answer.status, answer.body.code], [412, 'precondition_failed']);
  });
});
