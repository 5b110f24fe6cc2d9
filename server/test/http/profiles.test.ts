import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { auditEvents, onBothDatabases } from '../harness.ts';
import { insertApiKeys, insertApplication } from '../insert-rows.ts';

onBothDatabases('profiles', (kw) => {
  const create = async (name: string, settings: object = {}) =>
    (await kw().call('POST', '/v1/profiles', { body: { name, settings } })).body;
  const createRaw = (name: string, settings: string) =>
    kw().call('POST', '/v1/profiles', { raw: `{"name":${JSON.stringify(name)},"settings":${settings}}` });
  const json = { 'content-type': 'application/json' };
  /** The text as it went over the wire: parsing it would hide what parsing changes. */
  const readText = async (id: string) => {
    const headers = { authorization: `Bearer ${kw().adminKey}` };
    return (await fetch(`${kw().apiUrl}/v1/profiles/${id}`, { headers })).text();
  };

  describe('201', () => {
    test('POST /v1/profiles answers the profile whole and writes its audit event', async () => {
      const answer = await kw().call('POST', '/v1/profiles', {
        body: { name: 'Careful', settings: { tone: 'calm', limits: { words: 200 } } },
      });
      assert.equal(answer.status, 201);
      assert.match(answer.body.id, /^prof_[0-9a-z]{26}$/);
      assert.deepEqual(answer.body.settings, { tone: 'calm', limits: { words: 200 } });
      assert.match(answer.body.createdBy, /^mk_/);
      assert.deepEqual(Object.keys(answer.body.propagation), ['verifiers', 'milliseconds']);
      const [event] = await auditEvents(kw(), 1);
      assert.deepEqual(
        [event?.action, event?.target_id, event?.after],
        [
          'profile.created',
          answer.body.id,
          '{"name":"Careful","settings":{"limits":{"words":200},"tone":"calm"}}',
        ],
      );
    });

    test('the same Idempotency-Key answers the same profile and makes no second one', async () => {
      const options = { body: { name: 'Once', settings: {} }, headers: { 'Idempotency-Key': 'profile-1' } };
      const first = await kw().call('POST', '/v1/profiles', options);
      const second = await kw().call('POST', '/v1/profiles', options);
      assert.deepEqual([second.status, second.body.id, second.body.replayed], [201, first.body.id, true]);
    });

    test('settings are kept as given: odd names, line breaks, controls, fractions, empty things', async () => {
      const settings =
        '{"__proto__":{"admin":true},"constructor":null,"":[],"text":"two\\nlines\\u0000\\u007f","n":[0.1,1e+21,-5,9007199254740992],"é":"💶"}';
      const answer = await createRaw('As given', settings);
      assert.equal(answer.status, 201);
      assert.ok(
        (await readText(answer.body.id)).includes(`"settings":${settings.replace('\\u007f', '\u007f')}`),
      );
    });

    test('16 kB fit, counted in bytes of UTF-8, and one byte more does not', async () => {
      const room = 16_384 - JSON.stringify({ a: '' }).length;
      const fits = { a: 'é'.repeat(Math.floor(room / 2)) + 'x'.repeat(room % 2) };
      const answer = await kw().call('POST', '/v1/profiles', { body: { name: 'Full', settings: fits } });
      assert.equal(answer.status, 201);
      assert.deepEqual((await kw().call('GET', `/v1/profiles/${answer.body.id}`)).body.settings, fits);
      const body = { name: 'Over', settings: { a: `${fits.a}x` } };
      const refused = await kw().call('POST', '/v1/profiles', { body });
      assert.deepEqual([refused.status, refused.body.errors?.[0].pointer], [400, '/settings']);
      assert.match(refused.body.errors[0].message, /16384 bytes/);
    });
  });

  describe('200', () => {
    test('PATCH with the ETag that GET gave replaces the settings, gives a new ETag and says so in the audit', async () => {
      const profile = await create('Before', { a: 1, b: 2 });
      const path = `/v1/profiles/${profile.id}`;
      const read = await kw().call('GET', path);
      const patched = await kw().call('PATCH', path, {
        body: { settings: { b: 3 } },
        headers: { 'If-Match': String(read.headers.get('etag')) },
      });
      assert.deepEqual([patched.status, patched.body.name], [200, 'Before']);
      assert.deepEqual(patched.body.settings, { b: 3 });
      assert.notEqual(patched.headers.get('etag'), read.headers.get('etag'));
      const [event] = await auditEvents(kw(), 1);
      assert.deepEqual(
        [event?.action, event?.before, event?.after],
        ['profile.updated', '{"settings":{"a":1,"b":2}}', '{"settings":{"b":3}}'],
      );
    });

    test('a list is newest first and is read page by page to its end', async () => {
      for (const name of ['Page 1', 'Page 2', 'Page 3']) await create(name);
      const first = await kw().call('GET', '/v1/profiles?limit=2');
      const names = (body: { data: { name: string }[] }) => body.data.map((profile) => profile.name);
      assert.deepEqual(names(first.body), ['Page 3', 'Page 2']);
      const second = await kw().call('GET', `/v1/profiles?limit=1&cursor=${first.body.nextCursor}`);
      assert.deepEqual(names(second.body), ['Page 1']);
    });

    test('DELETE takes a profile that only revoked and deleted keys use, and leaves what they say of themselves', async () => {
      const { id } = await create('Unused');
      const application = await insertApplication(kw());
      await insertApiKeys(kw(), application, 1, { profile_id: id, revoked_at: 1 });
      const [deleted = ''] = await insertApiKeys(kw(), application, 1, { profile_id: id, deleted_at: 1 });
      const answer = await kw().call('DELETE', `/v1/profiles/${id}`);
      assert.deepEqual([answer.status, answer.body.id], [200, id]);
      assert.equal((await kw().call('GET', `/v1/profiles/${id}`)).status, 404);
      const [event] = await auditEvents(kw(), 1);
      assert.deepEqual([event?.action, event?.target_id], ['profile.deleted', id]);
      const key = await kw()
        .services.database.read.selectFrom('api_key')
        .select('profile_id')
        .where('id', '=', deleted)
        .executeTakeFirst();
      assert.equal(key?.profile_id, id);
    });
  });

  describe('400', () => {
    const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    const wrong: [string, string, RegExp][] = [
      ['a list', '[]', /object/],
      ['null', 'null', /object/],
      ['text', '"{}"', /object/],
      ['a number that would lose digits', '{"id":12345678901234567890}', /12345678901234567890.*as text/],
      ['a number too large', '{"deep":[{"n":-1e400}]}', /-1e400.*as text/],
      ['a lone surrogate', '{"a":"\\ud800"}', /surrogates/],
      ['a lone surrogate in a name', '{"a":{"\\udc00":1}}', /surrogates/],
      ['65 levels', nested(65), /64 deep/],
      ['100,000 levels', nested(100_000), /64 deep/],
    ];
    for (const [what, settings, message] of wrong) {
      test(`settings are refused with the reason: ${what}`, async () => {
        const answer = await createRaw('Wrong', settings);
        assert.deepEqual([answer.status, answer.body.errors?.[0].pointer], [400, '/settings']);
        assert.match(answer.body.errors[0].message, message);
      });
    }

    test('64 levels are kept, and a number in a text is no number', async () => {
      const answer = await createRaw('Deep', `{"text":"\\" 12345678901234567890","deep":${nested(63)}}`);
      assert.equal(answer.status, 201);
    });

    test('a control character in the name is refused, though settings may have some', async () => {
      const answer = await kw().call('POST', '/v1/profiles', {
        raw: '{"name":"a\\nb","settings":{}}',
        headers: json,
      });
      assert.deepEqual([answer.status, answer.body.errors[0].pointer], [400, '/name']);
    });

    test('PATCH refuses what POST refuses', async () => {
      const { id } = await create('Patched wrongly');
      const answer = await kw().call('PATCH', `/v1/profiles/${id}`, { raw: '{"settings":{"n":1e999}}' });
      assert.deepEqual([answer.status, answer.body.errors?.[0].pointer], [400, '/settings']);
    });
  });

  test('403: a management key without the scope is refused by the name of the scope', async () => {
    const { id } = await create('Guarded');
    const key = await kw().newManagementKey(['profiles:read']);
    const refusals: [string, string, object | undefined, RegExp][] = [
      ['POST', '/v1/profiles', { name: 'No', settings: {} }, /profiles:create/],
      ['PATCH', `/v1/profiles/${id}`, { name: 'No' }, /profiles:update/],
      ['DELETE', `/v1/profiles/${id}`, undefined, /profiles:delete/],
    ];
    for (const [method, path, body, scope] of refusals) {
      const answer = await kw().call(method, path, { key, ...(body && { body }) });
      assert.equal(answer.status, 403);
      assert.match(answer.body.detail, scope);
    }
  });

  test("404: another organization's profile is neither shown, changed nor deleted", async () => {
    const { id } = await create('Ours');
    const { adminKey: key } = await kw().newOrganization('Other');
    const path = `/v1/profiles/${id}`;
    assert.equal((await kw().call('GET', path, { key })).status, 404);
    assert.equal((await kw().call('PATCH', path, { key, body: { name: 'Theirs' } })).status, 404);
    assert.equal((await kw().call('DELETE', path, { key })).status, 404);
    assert.deepEqual((await kw().call('GET', '/v1/profiles', { key })).body.data, []);
    assert.equal((await kw().call('GET', path)).body.name, 'Ours');
  });

  describe('409', () => {
    test('a name is taken whatever its case, on POST and on PATCH', async () => {
      await create('Größe');
      const { id } = await create('Another');
      const body = { name: 'GRÖßE', settings: {} };
      const posted = await kw().call('POST', '/v1/profiles', { body });
      assert.deepEqual([posted.status, posted.body.code], [409, 'conflict']);
      const patched = await kw().call('PATCH', `/v1/profiles/${id}`, { body: { name: 'größe' } });
      assert.deepEqual([patched.status, patched.body.errors[0].pointer], [409, '/name']);
      const same = await kw().call('PATCH', `/v1/profiles/${id}`, { body: { name: 'ANOTHER' } });
      assert.equal(same.status, 200);
    });

    test('a profile that living keys use is not deleted, and the answer says how many use it', async () => {
      const { id } = await create('In use');
      const application = await insertApplication(kw());
      const past = { profile_id: id, expires_at: 1 };
      await insertApiKeys(kw(), application, 1, past);
      const one = await kw().call('DELETE', `/v1/profiles/${id}`);
      assert.deepEqual([one.status, one.body.code], [409, 'conflict']);
      assert.match(one.body.detail, /used by 1 API key /);
      await insertApiKeys(kw(), application, 1_000, { profile_id: id, disabled_at: 1 });
      const many = await kw().call('DELETE', `/v1/profiles/${id}`);
      assert.match(many.body.detail, /used by 1000 or more API keys /);
      assert.equal((await kw().call('GET', `/v1/profiles/${id}`)).status, 200);
    });
  });

  test('412: a change made from an old reading is refused', async () => {
    const { id } = await create('Read twice');
    await kw().call('PATCH', `/v1/profiles/${id}`, { body: { name: 'Changed meanwhile' } });
    const answer = await kw().call('PATCH', `/v1/profiles/${id}`, {
      body: { name: 'Lost' },
      headers: { 'If-Match': '"1"' },
    });
    assert.deepEqual([answer.status, answer.body.code], [412, 'precondition_failed']);
  });
});
