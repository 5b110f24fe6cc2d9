import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { auditEvents, onBothDatabases } from '../harness.ts';

onBothDatabases('organizations', (kw) => {
  const own = () => `/v1/organizations/${kw().organizationId}`;

  describe('200', () => {
    test('a management key sees its own organization and no other in the list', async () => {
      await kw().newOrganization('Neighbour');
      const { status, body } = await kw().call('GET', '/v1/organizations');
      assert.equal(status, 200);
      assert.deepEqual(
        body.data.map((organization: { id: string }) => organization.id),
        [kw().organizationId],
      );
      assert.equal(body.nextCursor, null);
    });

    test('PATCH with the ETag that GET gave changes name and brand, says so in the audit, and gives a new ETag', async () => {
      const read = await kw().call('GET', own());
      assert.deepEqual([read.status, read.body.name, read.body.brand], [200, 'Test', 'kw']);
      const patched = await kw().call('PATCH', own(), {
        body: { name: 'Acme', brand: 'acme' },
        headers: { 'If-Match': String(read.headers.get('etag')) },
      });
      assert.deepEqual([patched.status, patched.body.name, patched.body.brand], [200, 'Acme', 'acme']);
      assert.notEqual(patched.headers.get('etag'), read.headers.get('etag'));
      const [event] = await auditEvents(kw(), 1);
      assert.deepEqual(
        [event?.action, event?.target_id, event?.before, event?.after],
        [
          'organization.updated',
          kw().organizationId,
          '{"brand":"kw","name":"Test"}',
          '{"brand":"acme","name":"Acme"}',
        ],
      );
    });

    test('a PATCH that changes nothing writes no audit event and keeps the ETag', async () => {
      const before = await auditEvents(kw(), 1);
      const read = await kw().call('GET', own());
      const patched = await kw().call('PATCH', own(), { body: { brand: read.body.brand } });
      assert.deepEqual([patched.status, patched.headers.get('etag')], [200, read.headers.get('etag')]);
      assert.deepEqual(await auditEvents(kw(), 1), before);
    });
  });

  describe('400', () => {
    for (const brand of ['kwm', 'Acme', 'a', '1a', 'a_b', 'abcdefghijklm']) {
      test(`a brand that could not begin a secret is refused: ${brand}`, async () => {
        const answer = await kw().call('PATCH', own(), { body: { brand } });
        assert.deepEqual([answer.status, answer.body.errors?.[0].pointer], [400, '/brand']);
      });
    }
  });

  test('403: a management key without the scope cannot rename its organization', async () => {
    const key = await kw().newManagementKey(['organizations:read']);
    const answer = await kw().call('PATCH', own(), { key, body: { name: 'No' } });
    assert.equal(answer.status, 403);
    assert.match(answer.body.detail, /organizations:update/);
  });

  test('404: another organization is neither shown nor changed', async () => {
    const other = await kw().newOrganization('Other');
    const path = `/v1/organizations/${other.organizationId}`;
    assert.equal((await kw().call('GET', path)).status, 404);
    assert.equal((await kw().call('PATCH', path, { body: { name: 'Mine' } })).status, 404);
    assert.equal((await kw().call('GET', path, { key: other.adminKey })).body.name, 'Other');
  });

  test('412: a change made from an old reading is refused', async () => {
    await kw().call('PATCH', own(), { body: { name: 'Changed meanwhile' } });
    const answer = await kw().call('PATCH', own(), {
      body: { name: 'Lost' },
      headers: { 'If-Match': '"1"' },
    });
    assert.deepEqual([answer.status, answer.body.code], [412, 'precondition_failed']);
  });
});
