import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Keywright, startTestKeywright } from '../harness.ts';
import { assertNothingChanged } from '../problem-assertions.ts';
import { connectTo, parseAnswers, type RawAnswer, sendRaw } from '../raw-http.ts';

// What no HTTP library would send. The database has no part in it.

const limits = { headers: 300, request: 600, idle: 400, checkEvery: 50, drain: 1_000 };
const body = '{"name":"By hand"}';
const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
let kw: Keywright;

type Head = { start?: string; headers?: readonly string[]; host?: string | null };

/** A request's head: a POST of a team by the admin unless said. */
function head({ start = 'POST /v1/teams HTTP/1.1', headers = [], host = 'localhost' }: Head): string {
  const lines = [
    start,
    ...(host === null ? [] : [`Host: ${host}`]),
    `Authorization: Bearer ${kw.adminKey}`,
    'Content-Type: application/json',
    ...headers,
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const long = { headers: [`Content-Length: ${body.length}`] };

/** Each must be refused with this status and a problem, and the connection closed. */
const refused: Record<string, [status: number, parts: () => (string | Uint8Array)[]]> = {
  'a TLS greeting': [400, () => [Buffer.from('16030100f8010000f40303', 'hex')]],
  'an unknown method': [400, () => [head({ start: 'BREW /v1/teams HTTP/1.1' })]],
  'a method in lower case': [400, () => [head({ start: 'post /v1/teams HTTP/1.1' })]],
  'HTTP/2 without being asked': [400, () => ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']],
  'a version that is none': [400, () => [head({ start: 'GET /v1/teams HTTP/3.7' })]],
  'no target': [400, () => [head({ start: 'GET HTTP/1.1' })]],
  'a NUL in the path': [400, () => [head({ start: 'GET /v1/te\0ams HTTP/1.1' })]],
  'a byte beyond ASCII in the path': [
    400,
    () => [Buffer.from(head({ start: 'GET /v1/té HTTP/1.1' }), 'latin1')],
  ],
  'line feeds without returns': [400, () => [head(long).replaceAll('\r', ''), body]],
  'a NUL in a header': [400, () => [head({ headers: ['X-A: a\0b'] })]],
  'a folded header': [400, () => [head({ headers: ['X-A: a\r\n b'] })]],
  'a space before the colon': [400, () => [head({ headers: ['X-A : b'] })]],
  'a header without a colon': [400, () => [head({ headers: ['nothing'] })]],
  'both lengths': [
    400,
    () => [head({ headers: ['Content-Length: 5', 'Transfer-Encoding: chunked'] }), chunked],
  ],
  'both lengths, the other way round': [
    400,
    () => [head({ headers: ['Transfer-Encoding: chunked', 'Content-Length: 5'] }), chunked],
  ],
  'two lengths': [400, () => [head({ headers: ['Content-Length: 18', 'Content-Length: 19'] }), body]],
  'a list of lengths': [400, () => [head({ headers: ['Content-Length: 18, 18'] }), body]],
  'a negative length': [400, () => [head({ headers: ['Content-Length: -1'] }), body]],
  'a length with a sign': [400, () => [head({ headers: ['Content-Length: +18'] }), body]],
  'a length beyond 64 bits': [400, () => [head({ headers: ['Content-Length: 99999999999999999999'] }), body]],
  'a chunk of no length': [
    400,
    () => [head({ headers: ['Transfer-Encoding: chunked'] }), `zz\r\n${body}\r\n`],
  ],
  'a chunk beyond 64 bits': [
    400,
    () => [head({ headers: ['Transfer-Encoding: chunked'] }), `fffffffffffffffff\r\n${body}\r\n`],
  ],
  'a transfer coding after chunked': [
    400,
    () => [head({ headers: ['Transfer-Encoding: chunked, gzip'] }), chunked],
  ],
  'a transfer coding that is none': [400, () => [head({ headers: ['Transfer-Encoding: identity'] }), body]],
  'a Host that is none': [400, () => [head({ start: 'GET /v1/teams HTTP/1.1', host: 'a b' })]],
  'a Host with a path': [400, () => [head({ start: 'GET /v1/teams HTTP/1.1', host: 'a/b' })]],
  'no Host': [400, () => [head({ start: 'GET /v1/teams HTTP/1.1', host: null })]],
  'two Hosts': [400, () => [head({ headers: ['Host: localhost', ...long.headers] }), body]],
  'two Hosts that differ, in HTTP/1.0': [
    400,
    () => [head({ start: 'GET /v1/teams HTTP/1.0', headers: ['hOST: elsewhere.example'] })],
  ],
  'two Hosts at what is answered straight from the socket': [
    400,
    () => [head({ start: 'POST /v1/verify HTTP/1.1', headers: ['Host: localhost', ...long.headers] }), body],
  ],
  'an expectation that is not met': [417, () => [head({ headers: ['Expect: a miracle'] })]],
  'a target without a slash': [400, () => [head({ start: 'OPTIONS * HTTP/1.1' })]],
  'a backslash in the path': [400, () => [head({ start: 'GET /v1\\teams HTTP/1.1' })]],
  'an absolute target that is none': [400, () => [head({ start: 'GET http://[/ HTTP/1.1' })]],
  'a header of 20 kB': [431, () => [head({ headers: [`X-A: ${'a'.repeat(20_000)}`] })]],
  'headers of 20 kB together': [431, () => [head({ headers: Array(500).fill(`X-A: ${'a'.repeat(36)}`) })]],
  'a path of 20 kB': [431, () => [head({ start: `GET /${'a'.repeat(20_000)} HTTP/1.1` })]],
};

/** A problem, and nothing of the request in it. */
function assertBareProblem({ headers, body }: RawAnswer, status: number): void {
  assert.match(headers, /content-type: application\/problem\+json/);
  const problem = JSON.parse(body);
  assert.equal(problem.status, status);
  assert.match(problem.detail, /\. .+\.$/, 'what is wrong, and the remedy');
  assert.match(problem.requestId, /^req_[0-9a-z]{26}$/);
  assert.match(headers, new RegExp(`x-request-id: ${problem.requestId}`));
  assert.ok(body.length < 400);
}

const requestTo = (path: string) => head({ start: `GET ${path} HTTP/1.1`, headers: ['Connection: close'] });

describe('bytes that are no good request', () => {
  before(async () => {
    kw = await startTestKeywright('sqlite', {}, { limits });
  });
  after(() => kw.close());

  for (const [what, [status, parts]] of Object.entries(refused)) {
    it(`${what}: ${status}, and closed`, () =>
      assertNothingChanged(kw, async () => {
        const answers = parseAnswers(await sendRaw(kw.apiUrl, parts(), { keepOpen: true }));
        assert.deepEqual(
          answers.map((answer) => answer.status),
          [status],
        );
        for (const answer of answers) assertBareProblem(answer, status);
      }));
  }

  it('a header of 10 MB is cut off after 16 kB', () =>
    assertNothingChanged(kw, async () => {
      const text = await sendRaw(kw.apiUrl, [head({ headers: [`X-A: ${'a'.repeat(10_000_000)}`] })], {
        keepOpen: true,
      });
      // The answer may be lost where bytes were under way when the connection was closed.
      if (text !== '') assert.deepEqual(parseAnswers(text)[0]?.status, 431);
    }));

  it('hundreds of headers within 16 kB are read, and none is dropped', async () => {
    const many = Array.from({ length: 1_500 }, (_, n) => `X${n}: a`);
    const [answer] = parseAnswers(
      await sendRaw(
        kw.apiUrl,
        [
          `${requestTo('/v1/teams').trimEnd()}\r\n${[...many, `Authorization: Bearer x`].join('\r\n')}\r\n\r\n`,
        ],
        { keepOpen: true },
      ),
    );
    assert.equal(answer?.status, 401, 'the second Authorization makes the key ambiguous');
  });

  it('two keys are refused, not one of them believed', async () => {
    const text = head({ headers: [`Authorization: Bearer ${kw.adminKey}`, ...long.headers] });
    assert.equal(parseAnswers(await sendRaw(kw.apiUrl, [text, body]))[0]?.status, 401);
  });

  it('an HTTP/1.0 client without Host is answered and let go', async () => {
    const text = head({ start: 'GET /v1/teams HTTP/1.0', host: null });
    assert.equal(parseAnswers(await sendRaw(kw.apiUrl, [text], { keepOpen: true }))[0]?.status, 200);
  });

  it('an absolute target names no other place', async () => {
    const start = 'GET http://elsewhere.example/v1/teams HTTP/1.1';
    const text = await sendRaw(kw.apiUrl, [head({ start, headers: ['Connection: close'] })], {
      keepOpen: true,
    });
    assert.equal(parseAnswers(text)[0]?.status, 200);
  });

  it('dots in a path lead nowhere', async () => {
    for (const path of [
      '/../../etc/passwd',
      '/docs/../../package.json',
      '/docs/%2e%2e/%2e%2e/package.json',
    ]) {
      const [answer] = parseAnswers(await sendRaw(kw.apiUrl, [requestTo(path)], { keepOpen: true }));
      assert.equal(answer?.status, 404, path);
      assert.doesNotMatch(answer?.body ?? '', /passwd|package/);
    }
  });

  it('CONNECT is closed, an Upgrade is ignored', async () => {
    assert.equal(
      await sendRaw(kw.apiUrl, [head({ start: 'CONNECT a.example:443 HTTP/1.1' })], { keepOpen: true }),
      '',
    );
    const upgrade = ['Connection: Upgrade, close', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    const text = await sendRaw(kw.apiUrl, [head({ start: 'GET /v1/teams HTTP/1.1', headers: upgrade })], {
      keepOpen: true,
    });
    assert.equal(parseAnswers(text)[0]?.status, 200);
  });

  it('pipelined requests are answered each, in order', async () => {
    const paths = ['/v1/teams', '/v1/nothing', '/healthz', '/v1/teams?limit=0'];
    const text = await sendRaw(kw.apiUrl, [
      ...paths.map((path) => head({ start: `GET ${path} HTTP/1.1` })),
      requestTo('/v1/policies'),
    ]);
    assert.deepEqual(
      parseAnswers(text).map((answer) => answer.status),
      [200, 404, 200, 400, 200],
    );
  });

  it('Expect: 100-continue is continued', async () => {
    const expecting = head({ headers: ['Expect: 100-continue', 'Connection: close', ...long.headers] });
    const answers = parseAnswers(await sendRaw(kw.apiUrl, [expecting, body], { keepOpen: true }));
    assert.deepEqual(
      answers.map((answer) => answer.status),
      [100, 201],
    );
  });

  for (const path of ['/v1/teams', '/v1/verify']) {
    it(`a body at ${path} that ends before its length changes nothing, and is no error of ours`, () =>
      assertNothingChanged(kw, async () => {
        const start = `POST ${path} HTTP/1.1`;
        await sendRaw(kw.apiUrl, [head({ start, headers: ['Content-Length: 500'] }), body]);
        await sendRaw(kw.apiUrl, [head({ start, headers: ['Transfer-Encoding: chunked'] }), `ff\r\n${body}`]);
      }));
  }

  for (const [what, first, drip] of [
    ['headers that drip', () => 'GET /v1/teams HTTP/1.1\r\nHost: localhost\r\n', 'X-A: a\r\n'],
    ['a body that drips', () => head({ headers: ['Content-Length: 900000'] }), ' '],
    ['chunks that drip', () => head({ headers: ['Transfer-Encoding: chunked'] }), '1\r\n \r\n'],
    [
      'a verification that drips',
      () => head({ start: 'POST /v1/verify HTTP/1.1', headers: ['Content-Length: 900'] }),
      ' ',
    ],
  ] as const) {
    it(`${what} end the connection within the limit, with 408`, async () => {
      const { text, milliseconds } = await dripInto(kw.apiUrl, first(), drip);
      assert.ok(milliseconds < 2_000, `${milliseconds} ms`);
      const [answer] = parseAnswers(text);
      assert.equal(answer?.status, 408);
      assertBareProblem(answer as RawAnswer, 408);
    });
  }

  it('a connection that says nothing is closed within the limit', async () => {
    const started = performance.now();
    await sendRaw(kw.apiUrl, [], { keepOpen: true });
    assert.ok(performance.now() - started < 2_000);
  });

  it('of none of this the log speaks as of an error', () => {
    const errors = kw
      .logged()
      .split('\n')
      .filter((line) => line.includes('"level":"error"'));
    assert.deepEqual(errors, []);
  });
});

/** Sends a beginning, then a little every 50 ms until the server closes. */
async function dripInto(url: string, first: string, drip: string) {
  const started = performance.now();
  const socket = connectTo(url);
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.write(first);
  const dripping = setInterval(() => socket.writable && socket.write(drip), 50);
  await closed;
  clearInterval(dripping);
  return { text, milliseconds: performance.now() - started };
}
