import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issueKey, makeApplication, verify } from '../fixtures.ts';
import { auditEvents, type Keywright, onBothDatabases } from '../harness.ts';
import { apiCalls, readScope } from './api-calls.ts';

/** The numbers that verifiers go by. */
async function revisions(kw: Keywright, apiId: string, applicationId: string) {
  const { read } = kw.services.database;
  const api = await read.selectFrom('api').select('revision').where('id', '=', apiId).executeTakeFirst();
  const { access_revision } = await read
    .selectFrom('application')
    .select('access_revision')
    .where('id', '=', applicationId)
    .executeTakeFirstOrThrow();
  return { api: api?.revision, access: access_revision };
}

/** What verifiers were told of the newest change. */
async function newestSubjects(kw: Keywright) {
  const rows = await kw.services.database.read
    .selectFrom('change_log')
    .select(['kind', 'subject'])
    .where('seq', '=', (eb) => eb.selectFrom('change_counter').select('seq'))
    .execute();
  return rows.map((row) => `${row.kind} ${row.subject}`).sort();
}

onBothDatabases('what a change of an API reaches', (kw) => {
  const { create, patch } = apiCalls(kw);
  const connectionsOf = async (applicationId: string) =>
    (await kw().call('GET', `/v1/applications/${applicationId}/connections`)).body.connections;

  test('every change that can change a verdict reaches all connected applications; a new name does not', async () => {
    const api = await create('touching');
    const application = await makeApplication(kw(), { connectedTo: [api] });
    const other = await makeApplication(kw(), { connectedTo: [await create('untouched')] });
    const start = await revisions(kw(), api.id, application.id);
    const startOfOther = await revisions(kw(), api.id, other.id);
    const changes: unknown[] = [
      { slug: 'touching-2' },
      { scopes: [...api.scopes, readScope('touching-more')] },
      { endpoints: [{ method: 'GET', path: '/things', scopes: [] }] },
    ];
    for (const [index, change] of changes.entries()) {
      assert.equal((await patch(api.id, change)).status, 200);
      assert.deepEqual(await revisions(kw(), api.id, application.id), {
        api: Number(start.api) + index + 1,
        access: start.access + index + 1,
      });
      assert.deepEqual(await newestSubjects(kw()), [`api ${api.id}`, `application ${application.id}`]);
    }
    assert.equal((await revisions(kw(), api.id, other.id)).access, startOfOther.access);

    assert.equal((await patch(api.id, { name: 'Only a name' })).status, 200);
    assert.deepEqual(await revisions(kw(), api.id, application.id), {
      api: Number(start.api) + 4,
      access: start.access + 3,
    });
    assert.deepEqual(await newestSubjects(kw()), [`api ${api.id}`]);
  });

  test('endpoints that are gone leave every list; a list that becomes empty allows nothing, and "all" stays', async () => {
    const api = await create('listed');
    const [list, one, post] = api.endpoints;
    const some = await makeApplication(kw(), { connectedTo: [api], endpoints: [list.id, one.id] });
    const single = await makeApplication(kw(), { connectedTo: [api], endpoints: [one.id] });
    const kept = await makeApplication(kw(), { connectedTo: [api], endpoints: [post.id] });
    const all = await makeApplication(kw(), { connectedTo: [api] });
    const { id: _, ...staying } = list;
    await patch(api.id, {
      endpoints: [staying, { method: 'POST', path: '/things', scopes: ['listed:full'] }],
    });

    assert.deepEqual(await connectionsOf(some.id), [{ apiId: api.id, endpoints: [list.id] }]);
    assert.deepEqual(await connectionsOf(single.id), [{ apiId: api.id, endpoints: [] }]);
    assert.deepEqual(await connectionsOf(kept.id), [{ apiId: api.id, endpoints: [post.id] }]);
    assert.deepEqual(await connectionsOf(all.id), [{ apiId: api.id, endpoints: 'all' }]);

    const { secret } = await issueKey(kw(), single.id, { scopes: ['listed:read'] });
    const verdict = await verify(kw(), { secret, api: 'listed', method: 'GET', path: '/things' });
    assert.deepEqual(verdict.reason, 'endpoint_not_connected');
  });

  test('a verification after a change goes by the API as it is now', async () => {
    const api = await create('verified');
    const application = await makeApplication(kw(), { connectedTo: [api] });
    const { secret } = await issueKey(kw(), application.id, { scopes: ['verified:read'] });
    const ask = (slug: string, path: string) => verify(kw(), { secret, api: slug, method: 'GET', path });
    assert.equal((await ask('verified', '/things')).allowed, true);

    await patch(api.id, { endpoints: [{ method: 'GET', path: '/things', scopes: ['verified:full'] }] });
    assert.equal((await ask('verified', '/things')).reason, 'insufficient_scope');
    assert.equal((await ask('verified', '/things/1')).reason, 'unknown_endpoint');
    await patch(api.id, {
      slug: 'verified-2',
      endpoints: [{ method: 'GET', path: '/things', scopes: [] }],
    });
    assert.equal((await ask('verified', '/things')).allowed, false);
    assert.equal((await ask('verified-2', '/things')).allowed, true);
  });

  test('DELETE removes scopes, endpoints and connections, and no key passes at the API any more', async () => {
    const api = await create('doomed');
    const application = await makeApplication(kw(), { connectedTo: [api] });
    const { secret } = await issueKey(kw(), application.id, { scopes: ['doomed:read'] });
    const ask = () => verify(kw(), { secret, api: api.id, method: 'GET', path: '/things' });
    assert.equal((await ask()).allowed, true);
    const before = await revisions(kw(), api.id, application.id);

    const answer = await kw().call('DELETE', `/v1/apis/${api.id}`);
    assert.deepEqual([answer.status, answer.body.id], [200, api.id]);
    assert.deepEqual(Object.keys(answer.body.propagation), ['verifiers', 'milliseconds']);
    assert.equal((await ask()).allowed, false);
    assert.equal((await kw().call('GET', `/v1/apis/${api.id}`)).status, 404);
    assert.equal((await kw().call('DELETE', `/v1/apis/${api.id}`)).status, 404);
    assert.deepEqual(await connectionsOf(application.id), []);
    assert.deepEqual(await revisions(kw(), api.id, application.id), {
      api: undefined,
      access: before.access + 1,
    });
    assert.deepEqual(await newestSubjects(kw()), [`api ${api.id}`, `application ${application.id}`]);
    const [event] = await auditEvents(kw(), 1);
    assert.deepEqual([event?.action, event?.target_id, event?.after], ['api.deleted', api.id, null]);
    assert.equal(JSON.parse(String(event?.before)).connectedApplications, 1);
    for (const table of ['scope', 'endpoint', 'connection'] as const) {
      const rows = await kw()
        .services.database.read.selectFrom(table)
        .select('api_id')
        .where('api_id', '=', api.id)
        .execute();
      assert.deepEqual(rows, [], table);
    }
    await create('doomed');
  });
});
