import assert from 'node:assert/strict';
import { request } from 'node:http';
import { before, describe, it } from 'node:test';
import { issueKey, makeApi, makeApplication } from '../fixtures.ts';
import { onBothDatabases } from '../harness.ts';

type Sent = { headers: Record<string, string | string[]>; body: string | Buffer };
type Heard = { status: number | undefined; headers: Record<string, unknown>; body: unknown };

/** By the raw client: fetch would join doubled headers before they are sent. */
function post(url: string, sent: Sent): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', headers: sent.headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const { date, ...headers } = answer.headers;
        assert.equal(typeof date, 'string');
        resolve({
          status: answer.statusCode,
          headers,
          body: JSON.parse(Buffer.concat(chunks).toString()) as unknown,
        });
      });
    });
    asked.on('error', reject);
    asked.end(sent.body);
  });
}

/** The request id is another one each time; that it is one, and the same in header and body, is asserted here. */
function withoutRequestId(heard: Heard): Heard {
  const { 'x-request-id': id, ...headers } = heard.headers;
  assert.match(String(id), /^req_[0-9a-z]{26}$/);
  const { requestId = id, ...body } = heard.body as Record<string, unknown>;
  assert.equal(requestId, id);
  return { status: heard.status, headers, body };
}

onBothDatabases('POST /v1/verify straight from the socket and by the framework', (kw) => {
  let secret = '';
  let slug = '';
  let weakKey = '';
  before(async () => {
    const api = await makeApi(kw());
    const application = await makeApplication(kw(), { connectedTo: [api] });
    const issued = await issueKey(kw(), application.id, {
      scopes: [`${api.slug}:read`],
      metadata: { note: 'grüße 𝄞' },
    });
    secret = issued.secret;
    slug = api.slug;
    weakKey = await kw().newManagementKey(['applications:read']);
  });

  const plain = (body: unknown): Sent => ({
    headers: { authorization: `Bearer ${kw().adminKey}`, 'content-type': 'application/json' },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
  const changed = (headers: Sent['headers']): Sent => {
    const sent = plain({ secret });
    return { ...sent, headers: { ...sent.headers, ...headers } };
  };
  const without = (name: string): Sent => {
    const { [name]: _, ...headers } = plain('').headers;
    return { headers, body: JSON.stringify({ secret }) };
  };

  const cases: [name: string, status: number, sent: () => Sent][] = [
    ['an allowed secret', 200, () => plain({ secret })],
    ['an endpoint', 200, () => plain({ secret, api: slug, method: 'GET', path: '/orders/7' })],
    ['a denied endpoint', 200, () => plain({ secret, api: slug, method: 'POST', path: '/orders' })],
    ['what is no secret', 200, () => plain({ secret: 'nothing' })],
    ['an unknown field', 400, () => plain({ secret, colour: 'red' })],
    ['several wrong fields', 400, () => plain({ secret: 7, environment: 'moon', scopes: 'all' })],
    ['a control character', 400, () => plain({ secret: 'a\u0000b' })],
    ['a lone surrogate', 400, () => plain('{"secret":"\\ud800"}')],
    ['a list', 400, () => plain([])],
    ['no body', 400, () => plain('')],
    ['broken JSON', 400, () => plain('{"secret":')],
    ['broken UTF-8', 400, () => plain(Buffer.from('7b22736563726574223a22ff227d', 'hex'))],
    ['every field at its longest, each character escaped', 200, () => plain(longestBody())],
    ['a body of more than 300 kB', 413, () => plain(`{"secret":"${'x'.repeat(300_000)}"}`)],
    ['no content type', 415, () => without('content-type')],
    ['another content type', 415, () => changed({ 'content-type': 'text/plain' })],
    ['a doubled content type', 415, () => changed({ 'content-type': ['application/json', 'text/plain'] })],
    ['a charset', 200, () => changed({ 'content-type': 'application/json; charset=utf-8' })],
    ['a chunked body', 200, () => changed({ 'transfer-encoding': 'chunked' })],
    ['If-Match that is no ETag of ours', 412, () => changed({ 'if-match': 'x' })],
    ['no management key', 401, () => without('authorization')],
    ['an unknown management key', 401, () => changed({ authorization: 'Bearer kwm_nothing' })],
    ['an API key as management key', 401, () => changed({ authorization: `Bearer ${secret}` })],
    ['two keys', 401, () => changed({ authorization: [`Bearer ${kw().adminKey}`, 'Bearer x'] })],
    ['a management key without the scope', 403, () => changed({ authorization: `Bearer ${weakKey}` })],
  ];

  describe('give the same status, headers and body for', () => {
    for (const [name, status, sent] of cases) {
      it(name, async () => {
        const url = `${kw().apiUrl}/v1/verify`;
        const straight = await post(url, sent());
        // A query, even an empty one, is the framework's.
        const byFramework = await post(`${url}?`, sent());
        assert.equal(straight.status, status);
        assert.deepEqual(withoutRequestId(straight), withoutRequestId(byFramework));
      });
    }
  });
});

/** What the schema still takes, in the most bytes that JSON can say it in. */
function longestBody(): string {
  const text = (length: number) => `"${'\\u0061'.repeat(length)}"`;
  const scopes = `[${Array.from({ length: 100 }, () => text(200)).join(',')}]`;
  return (
    `{"secret":${text(1_024)},"apiKeyId":${text(100)},"api":${text(100)},"method":${text(50)},"path":${text(16_384)},` +
    `"scopes":${scopes},"environment":"production","ip":${text(100)},"userAgent":${text(2_000)}}`
  );
}
