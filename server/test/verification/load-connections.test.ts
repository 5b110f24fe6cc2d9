import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApiLoader } from '../../src/verification/load-api.ts';
import { createConnectionLoader } from '../../src/verification/load-connections.ts';
import { makeApi, makeApplication } from '../fixtures.ts';
import { type Keywright, onBothDatabases } from '../harness.ts';

async function revisionsOf(kw: Keywright, applicationId: string, apiId: string) {
  const { read } = kw.services.database;
  const application = await read
    .selectFrom('application')
    .select('access_revision')
    .where('id', '=', applicationId)
    .executeTakeFirstOrThrow();
  const api = await read
    .selectFrom('api')
    .select('revision')
    .where('id', '=', apiId)
    .executeTakeFirstOrThrow();
  return { access: application.access_revision, api: api.revision };
}

onBothDatabases('what the verifier keeps of APIs and connections', (kw) => {
  test('is one revision of each API: the one before is let go', async () => {
    const { database } = kw().services;
    const api = await makeApi(kw());
    const apis = createApiLoader(database);
    const first = await apis.atRevision(api.id, 1);
    assert.ok(first);
    assert.equal(await apis.atRevision(api.id, 1), first);
    await kw().call('PATCH', `/v1/apis/${api.id}`, { body: { name: 'Renamed' } });
    assert.ok(await apis.atRevision(api.id, 2));
    assert.equal(await apis.atRevision(api.id, 1), undefined);
  });

  test('holds at most so many endpoints and scopes in all; what did not fit is loaded again', async () => {
    const { database } = kw().services;
    const [one, other] = [await makeApi(kw()), await makeApi(kw())];
    // Each has three endpoints and two scopes.
    const apis = createApiLoader(database, { parts: 6 });
    const first = await apis.atRevision(one.id, 1);
    assert.equal(await apis.atRevision(one.id, 1), first);
    assert.ok(await apis.atRevision(other.id, 1));
    const again = await apis.atRevision(one.id, 1);
    assert.ok(again);
    assert.notEqual(again, first);
    assert.equal(again.match('GET', '/orders')?.id, first?.match('GET', '/orders')?.id);
  });

  test('survives a new name of an API, which grows its revision and not the access revision of who calls it', async () => {
    const { database } = kw().services;
    const api = await makeApi(kw());
    const application = await makeApplication(kw(), { connectedTo: [api] });
    const before = await revisionsOf(kw(), application.id, api.id);
    const apis = createApiLoader(database);
    const load = createConnectionLoader(database, apis);
    assert.equal((await load(application.id, before.access))?.length, 1);

    await kw().call('PATCH', `/v1/apis/${api.id}`, { body: { name: 'Renamed' } });
    const after = await revisionsOf(kw(), application.id, api.id);
    assert.deepEqual(after, { access: before.access, api: before.api + 1 });
    await apis.atRevision(api.id, after.api);
    const connections = await load(application.id, before.access);
    assert.equal(connections?.[0]?.api, await apis.atRevision(api.id, after.api));
    assert.equal(await load(application.id, before.access - 1), undefined);
  });
});
