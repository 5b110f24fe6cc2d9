import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { auditEvents, onBothDatabases } from '../harness.ts';
import { insertApi, insertApiKeys, insertApplication } from '../insert-rows.ts';

onBothDatabases('connections', (kw) => {
  let apis = 0;
  const api = (endpoints: number) => insertApi(kw(), `connected-${++apis}`, endpoints);
  const pathOf = (applicationId: string) => `/v1/applications/${applicationId}/connections`;
  const put = (applicationId: string, connections: unknown, headers: Record<string, string> = {}) =>
    kw().call('PUT', pathOf(applicationId), { body: { connections }, headers });
  const accessRevision = async (applicationId: string) =>
    (
      await kw()
        .services.database.read.selectFrom('application')
        .select('access_revision')
        .where('id', '=', applicationId)
        .executeTakeFirstOrThrow()
    ).access_revision;

  describe('200', () => {
    test('an application begins with no connections', async () => {
      const answer = await kw().call('GET', pathOf(await insertApplication(kw())));
      assert.deepEqual([answer.status, answer.body], [200, { connections: [] }]);
    });

    test('PUT replaces the whole set, and GET shows it as it was put', async () => {
      const applicationId = await insertApplication(kw());
      const [one, two, three] = [await api(2), await api(3), await api(0)];
      const [, second, third] = two.endpointIds;
      await put(applicationId, [{ apiId: one.apiId, endpoints: 'all' }]);
      const connections = [
        { apiId: two.apiId, endpoints: [third, second] },
        { apiId: three.apiId, endpoints: [] },
      ];
      const answer = await put(applicationId, connections);
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.body.connections, connections);
      assert.deepEqual(Object.keys(answer.body.propagation), ['verifiers', 'milliseconds']);
      const read = await kw().call('GET', pathOf(applicationId));
      assert.deepEqual(read.body.connections, connections);
      assert.equal(read.headers.get('etag'), answer.headers.get('etag'));
    });

    test('a change grows the access revision, leaves the keys alone, and its audit event says what came and went', async () => {
      const applicationId = await insertApplication(kw());
      const [keyId = ''] = await insertApiKeys(kw(), applicationId, 1, { scopes: '{"a:read":"api_x"}' });
      const [kept, left, joined] = [await api(1), await api(2), await api(1)];
      await put(applicationId, [
        { apiId: kept.apiId, endpoints: 'all' },
        { apiId: left.apiId, endpoints: left.endpointIds },
      ]);
      const before = await accessRevision(applicationId);
      await put(applicationId, [
        { apiId: kept.apiId, endpoints: 'all' },
        { apiId: joined.apiId, endpoints: 'all' },
      ]);
      assert.equal(await accessRevision(applicationId), before + 1);
      const [event] = await auditEvents(kw(), 1);
      assert.deepEqual([event?.action, event?.target_id], ['application.connections_changed', applicationId]);
      assert.deepEqual(JSON.parse(String(event?.before)), {
        connections: [{ apiId: left.apiId, endpoints: left.endpointIds }],
      });
      assert.deepEqual(JSON.parse(String(event?.after)), {
        connections: [{ apiId: joined.apiId, endpoints: 'all' }],
      });
      const key = await kw()
        .services.database.read.selectFrom('api_key')
        .select(['scopes', 'revision'])
        .where('id', '=', keyId)
        .executeTakeFirstOrThrow();
      assert.deepEqual({ ...key }, { scopes: '{"a:read":"api_x"}', revision: 1 });
    });

    test('the same set in another order changes nothing and writes no event', async () => {
      const applicationId = await insertApplication(kw());
      const { apiId, endpointIds } = await api(3);
      const first = await put(applicationId, [{ apiId, endpoints: endpointIds }]);
      const events = await auditEvents(kw(), 1);
      const again = await put(applicationId, [{ apiId, endpoints: [...endpointIds].reverse() }]);
      assert.deepEqual([again.status, again.headers.get('etag')], [200, first.headers.get('etag')]);
      assert.deepEqual(await auditEvents(kw(), 1), events);
    });

    test('of long lists the audit keeps the number and a hash, and another list has another hash', async () => {
      const applicationId = await insertApplication(kw());
      const { apiId, endpointIds } = await api(600);
      const describedAfter = async (endpoints: string[]) => {
        const answer = await put(applicationId, [{ apiId, endpoints }]);
        assert.deepEqual(
          [answer.status, answer.body.connections?.[0].endpoints.length],
          [200, endpoints.length],
        );
        const [event] = await auditEvents(kw(), 1);
        return JSON.parse(String(event?.after)).connections[0].endpoints;
      };
      const all = await describedAfter(endpointIds);
      assert.deepEqual([all.count, /^[0-9a-f]{64}$/.test(all.sha256)], [600, true]);
      const first = await describedAfter(endpointIds.slice(0, 30));
      const last = await describedAfter(endpointIds.slice(-30));
      assert.equal(first.count, last.count);
      assert.notEqual(first.sha256, last.sha256);
      assert.deepEqual(await describedAfter(endpointIds.slice(0, 20)), endpointIds.slice(0, 20));
    });
  });

  describe('400', () => {
    /** Nothing of a refused set may be stored. */
    const refuses = async (connections: unknown, pointers: string[]) => {
      const applicationId = await insertApplication(kw());
      const answer = await put(applicationId, connections);
      assert.deepEqual([answer.status, answer.body.code], [400, 'invalid_request']);
      assert.deepEqual(
        answer.body.errors.map((error: { pointer: string }) => error.pointer),
        pointers,
      );
      const read = await kw().call('GET', pathOf(applicationId));
      assert.deepEqual([read.body.connections, await accessRevision(applicationId)], [[], 1]);
    };

    test('every unknown endpoint and API is pointed at', async () => {
      const [one, other] = [await api(3), await api(1)];
      const [first, second, third] = one.endpointIds;
      await refuses(
        [
          { apiId: one.apiId, endpoints: [first, second, third, ...other.endpointIds] },
          { apiId: 'api_01jd0c8rkee1t9n9p5mj6x2q7v', endpoints: 'all' },
        ],
        ['/connections/0/endpoints/3', '/connections/1/apiId'],
      );
    });

    test('an unknown endpoint is found in a long list too', async () => {
      const { apiId, endpointIds } = await api(501);
      const endpoints = endpointIds.with(500, 'ep_01jd0c8rkee1t9n9p5mj6x2q7v');
      await refuses([{ apiId, endpoints }], ['/connections/0/endpoints/500']);
    });

    test('an API or an endpoint given twice is pointed at', async () => {
      const { apiId, endpointIds } = await api(1);
      await refuses(
        [
          { apiId, endpoints: [...endpointIds, ...endpointIds] },
          { apiId, endpoints: 'all' },
        ],
        ['/connections/0/endpoints/1', '/connections/1/apiId'],
      );
    });

    test("another organization's API is as unknown as one that never was", async () => {
      const { organizationId } = await kw().newOrganization('Other');
      const theirs = await insertApi({ ...kw(), organizationId }, 'theirs', 1);
      await refuses([{ apiId: theirs.apiId, endpoints: 'all' }], ['/connections/0/apiId']);
      await refuses([{ apiId: theirs.apiId, endpoints: theirs.endpointIds }], ['/connections/0/apiId']);
    });

    test('what is no id, and what is neither "all" nor a list, is pointed at', async () => {
      const { apiId } = await api(1);
      await refuses([{ apiId, endpoints: ['GET /1'] }], ['/connections/0/endpoints/0']);
      await refuses([{ apiId, endpoints: 'some' }], ['/connections/0/endpoints']);
      await refuses([{ apiId: 'shop', endpoints: 'all' }], ['/connections/0/apiId']);
      await refuses({}, ['/connections']);
    });
  });

  test('403: a management key without the scope is refused by the name of the scope', async () => {
    const key = await kw().newManagementKey(['applications:read']);
    const path = pathOf(await insertApplication(kw()));
    const answer = await kw().call('PUT', path, { key, body: { connections: [] } });
    assert.equal(answer.status, 403);
    assert.match(answer.body.detail, /applications:update/);
  });

  test("404: another organization's or a deleted application has no connections to see or change", async () => {
    const { adminKey: key } = await kw().newOrganization('Other');
    const path = pathOf(await insertApplication(kw()));
    assert.equal((await kw().call('GET', path, { key })).status, 404);
    assert.equal((await kw().call('PUT', path, { key, body: { connections: [] } })).status, 404);
    await kw().call('DELETE', path.replace('/connections', ''));
    assert.equal((await kw().call('GET', path)).status, 404);
    assert.equal((await kw().call('PUT', path, { body: { connections: [] } })).status, 404);
  });

  test('412: a change made from an old reading is refused', async () => {
    const applicationId = await insertApplication(kw());
    const { apiId } = await api(1);
    const read = await kw().call('GET', pathOf(applicationId));
    const headers = { 'If-Match': String(read.headers.get('etag')) };
    assert.equal((await put(applicationId, [{ apiId, endpoints: 'all' }], headers)).status, 200);
    const answer = await put(applicationId, [], headers);
    assert.deepEqual([answer.status, answer.body.code], [412, 'precondition_failed']);
  });
});
