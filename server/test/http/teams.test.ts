import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { auditEvents, onBothDatabases } from '../harness.ts';

onBothDatabases('teams', (kw) => {
  const create = async (name: string) => (await kw().call('POST', '/v1/teams', { body: { name } })).body;

  describe('201', () => {
    test('POST /v1/teams answers the team whole and writes its audit event', async () => {
      const answer = await kw().call('POST', '/v1/teams', {
        body: { name: 'Payments', mayTouchProductionKeys: true },
      });
      assert.equal(answer.status, 201);
      assert.match(answer.body.id, /^team_[0-9a-z]{26}$/);
      assert.equal(answer.body.mayTouchProductionKeys, true);
      assert.deepEqual(Object.keys(answer.body.propagation), ['verifiers', 'milliseconds']);
      const [event] = await auditEvents(kw(), 1);
      assert.equal(event?.action, 'team.created');
      assert.equal(event?.target_id, answer.body.id);
      assert.equal(event?.after, '{"mayTouchProductionKeys":true,"name":"Payments"}');
    });

    test('the same Idempotency-Key answers the same team and makes no second one', async () => {
      const options = { body: { name: 'Idempotent' }, headers: { 'Idempotency-Key': '"one"' } };
      const first = await kw().call('POST', '/v1/teams', options);
      const second = await kw().call('POST', '/v1/teams', options);
      assert.equal(second.status, 201);
      assert.equal(second.body.id, first.body.id);
      assert.equal(second.body.replayed, true);
    });
  });

  describe('200', () => {
    test('PATCH with the ETag that GET gave changes the team and gives a new ETag', async () => {
      const team = await create('Before');
      const read = await kw().call('GET', `/v1/teams/${team.id}`);
      const patched = await kw().call('PATCH', `/v1/teams/${team.id}`, {
        body: { name: 'After' },
        headers: { 'If-Match': String(read.headers.get('etag')) },
      });
      assert.equal(patched.status, 200);
      assert.equal(patched.body.name, 'After');
      assert.notEqual(patched.headers.get('etag'), read.headers.get('etag'));
      const [event] = await auditEvents(kw(), 1);
      assert.deepEqual(
        [event?.action, event?.before, event?.after],
        ['team.updated', '{"name":"Before"}', '{"name":"After"}'],
      );
    });

    test('a list is read page by page to its end', async () => {
      for (const name of ['Page 1', 'Page 2', 'Page 3']) await create(name);
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const { body }: { body: { data: { name: string }[]; nextCursor: string | null } } = await kw().call(
          'GET',
          `/v1/teams?limit=2${cursor && `&cursor=${cursor}`}`,
        );
        seen.push(...body.data.map((team) => team.name));
        cursor = body.nextCursor;
      }
      assert.equal(new Set(seen).size, seen.length);
      assert.deepEqual(seen.slice(0, 3), ['Page 3', 'Page 2', 'Page 1']);
    });

    test('DELETE answers a body, and the team is gone', async () => {
      const team = await create('Short-lived');
      const answer = await kw().call('DELETE', `/v1/teams/${team.id}`);
      assert.deepEqual([answer.status, answer.body.id], [200, team.id]);
      assert.equal((await kw().call('GET', `/v1/teams/${team.id}`)).status, 404);
      assert.equal((await auditEvents(kw(), 1))[0]?.action, 'team.deleted');
    });
  });

  describe('400', () => {
    test('every wrong field is named at once, with its remedy', async () => {
      const answer = await kw().call('POST', '/v1/teams', { body: { name: '', colour: 'red' } });
      assert.equal(answer.status, 400);
      assert.equal(answer.headers.get('content-type'), 'application/problem+json');
      assert.deepEqual(answer.body.errors.map((error: { pointer: string }) => error.pointer).sort(), [
        '/colour',
        '/name',
      ]);
    });

    test('a missing body is an error, not an empty object', async () => {
      const answer = await kw().call('POST', '/v1/teams', {
        headers: { 'content-type': 'application/json' },
      });
      assert.deepEqual([answer.status, answer.body.code], [400, 'malformed_json']);
    });

    test('an id of another kind is said to be one', async () => {
      const answer = await kw().call('GET', '/v1/teams/key_01jd0c8rkee1t9n9p5mj6x2q7v');
      assert.equal(answer.status, 400);
      assert.equal(answer.body.errors[0].pointer, ':id');
    });
  });

  test('401: without a management key nothing is said', async () => {
    const answer = await kw().call('GET', '/v1/teams', { key: null });
    assert.equal(answer.status, 401);
    assert.match(String(answer.headers.get('www-authenticate')), /^Bearer /);
  });

  test('403: a management key without the scope is refused by the name of the scope', async () => {
    const key = await kw().newManagementKey(['teams:read']);
    const answer = await kw().call('POST', '/v1/teams', { key, body: { name: 'No' } });
    assert.equal(answer.status, 403);
    assert.match(answer.body.detail, /teams:create/);
  });

  test("404: another organization's team is not found", async () => {
    const team = await create('Ours');
    const other = await kw().newOrganization('Other');
    const answer = await kw().call('GET', `/v1/teams/${team.id}`, { key: other.adminKey });
    assert.equal(answer.status, 404);
  });

  test('409: a name is taken whatever its case', async () => {
    await create('Taken');
    const answer = await kw().call('POST', '/v1/teams', { body: { name: 'TAKEN' } });
    assert.deepEqual([answer.status, answer.body.code], [409, 'conflict']);
  });

  test('412: a change made from an old reading is refused', async () => {
    const team = await create('Read twice');
    await kw().call('PATCH', `/v1/teams/${team.id}`, { body: { name: 'Changed meanwhile' } });
    const answer = await kw().call('PATCH', `/v1/teams/${team.id}`, {
      body: { name: 'Lost' },
      headers: { 'If-Match': '"1"' },
    });
    assert.deepEqual([answer.status, answer.body.code], [412, 'precondition_failed']);
  });
});
