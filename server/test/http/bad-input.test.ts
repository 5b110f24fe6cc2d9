import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { makeApplication } from '../fixtures.ts';
import { type Keywright, onBothDatabases } from '../harness.ts';
import { assertNothingChanged, assertRefused, type Refusal } from '../problem-assertions.ts';

const json = (status: number, code: string, pointer?: string): Refusal => ({
  status,
  code,
  ...(pointer === undefined ? {} : { pointer }),
});
const malformed = json(400, 'malformed_json');
const invalid = (pointer: string) => json(400, 'invalid_request', pointer);
const nested = (opening: string, closing: string, times: number) =>
  opening.repeat(times) + closing.repeat(times);

/** Bodies for POST /v1/teams. */
const bodies: Record<string, [body: string | Uint8Array, Refusal]> = {
  'an empty body': ['', malformed],
  'only white space': [' \n', malformed],
  'half an object': ['{"name":', malformed],
  'single quotes': ["{'name':'a'}", malformed],
  'a comma too many': ['{"name":"a",}', malformed],
  'a comment': ['{"name":"a"} // b', malformed],
  'two objects': ['{"name":"a"}{"name":"b"}', malformed],
  'invalid UTF-8': [Buffer.from('7b226e616d65223a22ff227d', 'hex'), malformed],
  'UTF-8 of a lone surrogate': [Buffer.from('7b226e616d65223a22eda080227d', 'hex'), malformed],
  'UTF-16': [Buffer.from('{"name":"a"}', 'utf16le'), malformed],
  'a member given twice': ['{"name":"a","name":"b"}', malformed],
  'a member given twice by an escape': ['{"name":"a","n\\u0061me":"b"}', malformed],
  null: ['null', invalid('')],
  'an empty list': ['[]', invalid('')],
  'a text': ['"x"', invalid('')],
  'a number': ['7', invalid('')],
  'an unknown field': ['{"name":"a","nmae":"b"}', invalid('/nmae')],
  'a member called __proto__': [
    '{"name":"a","__proto__":{"mayTouchProductionKeys":true}}',
    invalid('/__proto__'),
  ],
  'a member called constructor': ['{"name":"a","constructor":{"prototype":{}}}', invalid('/constructor')],
  'a missing field': ['{}', invalid('/name')],
  'a text for a boolean': ['{"name":"a","mayTouchProductionKeys":"yes"}', invalid('/mayTouchProductionKeys')],
  'an object for a text': ['{"name":{"$ne":null}}', invalid('/name')],
  'a number for a text': ['{"name":9007199254740993}', invalid('/name')],
  'a name too long': [`{"name":"${'x'.repeat(101)}"}`, invalid('/name')],
  'a name of spaces': ['{"name":"   "}', invalid('/name')],
  'a NUL in a name': ['{"name":"a\\u0000b"}', invalid('/name')],
  'an escape character in a name': ['{"name":"a\\u001b[31m"}', invalid('/name')],
  'a name that is shown backwards': ['{"name":"a\u202ebmada"}', invalid('/name')],
  'an isolate in a name': ['{"name":"\\u2066a\\u2069"}', invalid('/name')],
  'a lone surrogate in a name': ['{"name":"a\\ud800"}', invalid('/name')],
  'a NUL in the name of a member': ['{"name":"a","\\u0000":1}', invalid('')],
  'a list nested 200,000 deep': [nested('[', ']', 200_000), json(400, 'invalid_request')],
  'an object nested 50,000 deep': [
    `${'{"name":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
    json(400, 'invalid_request'),
  ],
  'a member name of 900,000 characters': [
    `{"name":"a","${'k'.repeat(900_000)}":1}`,
    json(400, 'invalid_request'),
  ],
  '50,000 unknown fields': [
    `{${Array.from({ length: 50_000 }, (_, n) => `"k${n}":1`).join()}}`,
    invalid('/k0'),
  ],
  '60,000 unknown fields': [
    `{${Array.from({ length: 60_000 }, (_, n) => `"k${n}":1`).join()}}`,
    json(413, 'body_too_large'),
  ],
  'a member given twice, far apart': [`{"name":"a","k":[${'"x",'.repeat(50_000)}1],"name":"b"}`, malformed],
  '200 kB with a bracket too many': [`{"name":[${'"x",'.repeat(50_000)}1]]}`, malformed],
  '200 kB with a comma too many': [`{"name":[${'"x",'.repeat(50_000)}]}`, malformed],
  'a control character far inside': [`{"name":[${'"x",'.repeat(50_000)}"\\u0000"]}`, invalid('/name/50000')],
};

const contentTypes = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json; charset=latin1',
  'application/jsonp',
  'application/merge-patch+json',
  'application/json, text/plain',
];

/** Fields of POST /v1/api-keys, beside those of a good one. */
const keyFields: [what: string, fields: object, Refusal][] = [
  ['a number for an id', { applicationId: 7 }, invalid('/applicationId')],
  ['an id of another kind', { applicationId: 'team_01jd0c8rkee1t9n9p5mj6x2q7v' }, invalid('/applicationId')],
  ['an id of nothing', { applicationId: 'app_01jd0c8rkee1t9n9p5mj6x2q7v' }, invalid('/applicationId')],
  ['a list for an id', { profileId: [] }, invalid('/profileId')],
  ['an environment that is none', { environment: 'prod' }, invalid('/environment')],
  ['a text for a list', { scopes: 'orders:read' }, invalid('/scopes')],
  ['a scope that does not exist', { scopes: ['no:such'] }, json(422, 'scope_not_connected', '/scopes/0')],
  ['an expiry in the past', { expiresAt: '2020-01-01T00:00:00Z' }, invalid('/expiresAt')],
  ['an expiry as a number', { expiresAt: 1_900_000_000 }, invalid('/expiresAt')],
  ['an expiry that is no day', { expiresAt: '2031-02-30T00:00:00Z' }, invalid('/expiresAt')],
  ['a CIDR that is none', { ipAllowlist: ['10.0.0.0/8', '10.0.0.0/33'] }, invalid('/ipAllowlist/1')],
  ['an IP list that admits nobody', { ipAllowlist: [] }, invalid('/ipAllowlist')],
  ['metadata that is a list', { metadata: [] }, invalid('/metadata')],
  [
    'metadata nested too deep',
    { metadata: { a: JSON.parse(nested('[', ']', 3_000)) } },
    invalid('/metadata'),
  ],
];

const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');

/** Requests whose path or query is wrong. */
const targets: [target: string, Refusal][] = [
  ...[
    '0',
    '-1',
    '1e9',
    '1e1',
    '0x10',
    '0b1',
    '%205',
    '5.0',
    '+5',
    '%D9%A5',
    '201',
    '1.5',
    'ten',
    '',
    '9007199254740993',
    'NaN',
  ].map((limit): [string, Refusal] => [`/v1/teams?limit=${limit}`, invalid('?limit')]),
  ['/v1/teams?limit=1&limit=2', invalid('?limit')],
  ['/v1/teams?limt=1', invalid('?limt')],
  ['/v1/teams?__proto__=1', invalid('?__proto__')],
  ['/v1/teams?cursor=garbage', invalid('?cursor')],
  [`/v1/teams?cursor=${cursor('a', 'b')}`, invalid('?cursor')],
  [`/v1/teams?cursor=${cursor(7)}`, invalid('?cursor')],
  [`/v1/teams?cursor=${cursor('\0')}`, invalid('?cursor')],
  [`/v1/teams?cursor=${cursor('\ud800')}`, invalid('?cursor')],
  [`/v1/teams?cursor=${'A'.repeat(3_000)}`, invalid('?cursor')],
  [`/v1/api-keys?cursor=${cursor('x', 'y')}`, invalid('?cursor')],
  [`/v1/audit-events?cursor=${cursor('99999999999999999999')}`, invalid('?cursor')],
  [`/v1/audit-events?cursor=${cursor('1.5')}`, invalid('?cursor')],
  ['/v1/api-keys?query=%00', invalid('?query')],
  ['/v1/applications?query=a%00', invalid('?query')],
  ['/v1/api-keys?createdBy=%00', invalid('?createdBy')],
  ['/v1/api-keys?applicationId=%00', invalid('?applicationId')],
  ['/v1/api-keys?status=gone', invalid('?status')],
  ['/v1/teams/team_x', invalid(':id')],
  ['/v1/teams/app_01jd0c8rkee1t9n9p5mj6x2q7v', invalid(':id')],
  ['/v1/teams/%00', invalid(':id')],
  ['/v1/teams/%ED%A0%80', invalid(':id')],
  ['/v1/teams/%', invalid(':id')],
  ['/v1/teams/team_01jd0c8rkee1t9n9p5mj6x2q7v?verbose=1', invalid('?verbose')],
  ['/v1/policies/__proto__', invalid(':environment')],
  ['/v1/teams/team_01jd0c8rkee1t9n9p5mj6x2q7v', json(404, 'not_found')],
  ['/v1/teams/..%2f..%2fetc%2fpasswd', invalid(':id')],
  ['/v1/teams/', json(404, 'not_found')],
  ['//v1/teams', json(404, 'not_found')],
  ['/v1/teams;a=b', json(404, 'not_found')],
  ['/docs/..%2f..%2fpackage.json', json(404, 'not_found')],
];

onBothDatabases('bad input', (kw) => {
  describe('a body', () => {
    for (const [what, [body, refusal]] of Object.entries(bodies)) {
      it(`of ${what} is refused and changes nothing`, () =>
        assertNothingChanged(kw(), async () => assertRefused(await post(kw(), '/v1/teams', body), refusal)));
    }
    for (const type of contentTypes) {
      it(`called ${type} is refused`, async () => {
        const answer = await post(kw(), '/v1/teams', '{"name":"a"}', { 'content-type': type });
        assertRefused(answer, json(415, 'unsupported_media_type'));
      });
    }
    it('that is compressed is refused', async () => {
      const answer = await post(kw(), '/v1/teams', '{"name":"a"}', { 'content-encoding': 'gzip' });
      assertRefused(answer, json(415, 'unsupported_media_type'));
    });
    it('may begin with a byte order mark, and its charset may be named', async () => {
      const type = { 'content-type': 'application/json; charset="UTF-8"' };
      const answer = await post(kw(), '/v1/teams', '\ufeff{"name":"Marked"}', type);
      assert.equal(answer.status, 201, JSON.stringify(answer.body));
    });
    it('of exactly 1 MB is taken', async () => {
      const answer = await post(kw(), '/v1/teams', '{"name":"Padded"}'.padEnd(1_000_000));
      assert.equal(answer.status, 201, JSON.stringify(answer.body));
    });
    it('of more is refused, whether or not it says so beforehand', () =>
      assertNothingChanged(kw(), async () => {
        const body = '{"name":"Padded too much"}'.padEnd(1_000_001);
        const tooLarge = json(413, 'body_too_large');
        assertRefused(await post(kw(), '/v1/teams', body), tooLarge);
        assertRefused(await post(kw(), '/v1/teams', new Blob([body]).stream()), tooLarge);
      }));
    for (const path of ['/v1/api-keys/import', '/v1/apis/import']) {
      it(`of more than 1 MB is read at ${path}, of more than 16 MB is refused`, () =>
        assertNothingChanged(kw(), async () => {
          assertRefused(await post(kw(), path, '{"x":1}'.padEnd(1_000_001)), invalid('/x'));
          const answer = await post(kw(), path, '{"x":1}'.padEnd(16_000_001));
          assertRefused(answer, json(413, 'body_too_large'));
        }));
    }
  });

  describe('a key', () => {
    let good: object;
    before(async () => {
      good = { name: 'Key', applicationId: (await makeApplication(kw())).id, environment: 'production' };
    });
    for (const [what, fields, refusal] of keyFields) {
      it(`with ${what} is not issued`, () =>
        assertNothingChanged(kw(), async () =>
          assertRefused(await kw().call('POST', '/v1/api-keys', { body: { ...good, ...fields } }), refusal),
        ));
    }
    it('whose field is text that PostgreSQL cannot hold is not issued', () =>
      assertNothingChanged(kw(), async () => {
        const body = { ...good, name: 'a\0' };
        assertRefused(await kw().call('POST', '/v1/api-keys', { body }), invalid('/name'));
      }));
    it('gets every wrong field named at once', async () => {
      const body = { ...good, environment: 'x', ipAllowlist: ['y'], expiresAt: 'z', nmae: 1 };
      const answer = await kw().call('POST', '/v1/api-keys', { body });
      const pointers = answer.body.errors.map((field: { pointer: string }) => field.pointer);
      assert.deepEqual(pointers.sort(), ['/environment', '/expiresAt', '/ipAllowlist/0', '/nmae']);
    });
  });

  describe('a request', () => {
    for (const [target, refusal] of targets) {
      it(`to ${target.slice(0, 60)} is refused`, async () =>
        assertRefused(await kw().call('GET', target), refusal));
    }
    it('by a method that its path does not take is told which it takes', async () => {
      const answer = await kw().call('PURGE', '/v1/teams');
      assertRefused(answer, json(405, 'method_not_allowed'));
      assert.equal(answer.headers.get('allow'), 'GET, POST');
    });
    for (const key of [' ', 'é', 'a'.repeat(256), 'a b']) {
      it(`with the Idempotency-Key ${JSON.stringify(key.slice(0, 5))} is refused`, () =>
        assertNothingChanged(kw(), async () => {
          const headers = { 'idempotency-key': key };
          const answer = await kw().call('POST', '/v1/teams', { body: { name: 'Idempotent' }, headers });
          assertRefused(answer, json(400, 'invalid_request'));
        }));
    }
    it('with an If-Match that is no ETag of ours is refused', () =>
      assertNothingChanged(kw(), async () => {
        const path = `/v1/organizations/${kw().organizationId}`;
        for (const etag of ['W/"1"', '1', '"x"', '"1", "2"', '"9007199254740993000"']) {
          const answer = await kw().call('PATCH', path, {
            body: { name: 'Other' },
            headers: { 'if-match': etag },
          });
          assertRefused(answer, json(412, 'precondition_failed'));
        }
      }));
  });
});

async function post(
  kw: Keywright,
  path: string,
  body: string | Uint8Array | ReadableStream,
  headers: Record<string, string> = {},
) {
  const response = await fetch(kw.apiUrl + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${kw.adminKey}`, 'content-type': 'application/json', ...headers },
    body,
    duplex: 'half',
  } as RequestInit);
  return { status: response.status, headers: response.headers, body: await response.json() };
}
