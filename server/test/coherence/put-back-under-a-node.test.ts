import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { installationChain } from '../../src/domain/audit/list-chains.ts';
import { renewEpoch } from '../../src/domain/installation/renew-epoch.ts';
import { issueKey, makeApplication, verify } from '../fixtures.ts';
import { type Keywright, startTestKeywright } from '../harness.ts';

// Revisions count on from what is put back, so that each of them can come again and mean something else.

let kw: Keywright;
before(async () => {
  kw = await startTestKeywright('postgres', { KEYWRIGHT_LEASE_SECONDS: '1' });
});
after(() => kw?.close());

const endpoint = (path: string) => ({ method: 'GET', path, scopes: [] });

test('a database that is put back under a running node: an API that then gets the revision that it had is not taken for what it was', async () => {
  const body = { name: 'Orders', slug: 'orders', scopes: [], endpoints: [endpoint('/orders')] };
  const api = (await kw.call('POST', '/v1/apis', { body })).body;
  const application = await makeApplication(kw, { connectedTo: [api] });
  const { secret } = await issueKey(kw, application.id);
  const verdict = async (path: string) => {
    const said = await verify(kw, { secret, api: 'orders', method: 'GET', path });
    return said.allowed ? 'allowed' : said.reason;
  };
  const { read, write } = kw.services.database;
  const update = (...paths: string[]) =>
    kw.call('PATCH', `/v1/apis/${api.id}`, { body: { endpoints: ['/orders', ...paths].map(endpoint) } });

  for (const table of ['api', 'endpoint', 'application'])
    await sql.raw(`create table kept_${table} as select * from ${table}`).execute(read);
  assert.equal((await update('/wide')).status, 200);
  assert.equal(await verdict('/wide'), 'allowed');

  await write(async (tx) => {
    await sql`delete from endpoint`.execute(tx);
    await sql`insert into endpoint select * from kept_endpoint`.execute(tx);
    await sql`update api set revision = k.revision from kept_api k where k.id = api.id`.execute(tx);
    await sql`update application set access_revision = k.access_revision from kept_application k where k.id = application.id`.execute(
      tx,
    );
  });
  await renewEpoch(kw.ctx(installationChain), undefined);

  assert.equal((await update('/other')).status, 200);
  assert.equal(await verdict('/wide'), 'unknown_endpoint');
  assert.equal(await verdict('/other'), 'allowed');
});
