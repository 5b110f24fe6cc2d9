import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Reached } from './recording-api.ts';
import { bearer, type HeaderLines, onEveryGateway } from './stage.ts';

const identityNames = [
  'x-auth-key-id',
  'x-auth-application-id',
  'x-auth-organization-id',
  'x-auth-environment',
  'x-auth-scopes',
  'x-auth-profile-id',
  'x-auth-profile',
  'x-auth-omitted',
];

/** The headers as a server sees them that takes `_` for `-` and no case, as CGI and WSGI do. */
function asCgiReads(request: Reached | undefined): Map<string, string[]> {
  const read = new Map<string, string[]>();
  for (const [name, values] of Object.entries(request?.headers ?? {})) {
    const key = name.toLowerCase().replaceAll('_', '-');
    read.set(key, [...(read.get(key) ?? []), ...(values ?? [])]);
  }
  return read;
}

onEveryGateway(
  'identity',
  (stage, gateway) => {
    const get = (headers: HeaderLines, target = '/orders') => stage().send('GET', target, headers);

    describe('forged by the client', () => {
      test('identity headers in any spelling and number: the API sees what Keywright says and nothing else', async () => {
        const key = await stage().issue();
        const spellings = (name: string) => [
          name,
          name.toUpperCase(),
          name.replaceAll('-', '_'),
          name.replace('x-', 'x_'),
          name.replace('auth-', 'auth_'),
          name.replace(/-([^-]*)$/, '_$1'),
        ];
        const names = [...identityNames, 'x-auth-reason', 'x-auth-status'];
        const forged = names.flatMap((name) =>
          spellings(name).map((spelling) => [spelling, 'forged'] as const),
        );
        const plain = await get([bearer(key.secret)]);
        for (const headers of [
          [bearer(key.secret), ...forged],
          [...forged, ...forged, bearer(key.secret)],
        ]) {
          const sent = await get(headers);
          assert.equal(sent.status, 200);
          assert.ok(!JSON.stringify(sent.reached).includes('forged'));
          for (const name of identityNames) {
            assert.deepEqual(
              asCgiReads(sent.reached[0]).get(name),
              asCgiReads(plain.reached[0]).get(name),
              name,
            );
          }
        }
      });

      test('headers that name another method or path change neither the decision nor what the API is told', async () => {
        const keyHeader = bearer((await stage().issue()).secret);
        const claim = (method: string, path: string): HeaderLines => [
          ['X-Original-Method', method],
          ['X-Original-URI', path],
          ['X-Original-URL', path],
          ['X-Rewrite-URL', path],
          ['X-Forwarded-Method', method],
          ['X-Forwarded-Uri', path],
          ['X-Forwarded-Path', path],
          ['X-Forwarded-Prefix', path],
          ['X-HTTP-Method-Override', method],
          ['X-HTTP-Method', method],
          ['X-Method-Override', method],
          ['X_Original_URI', path],
          ['X_HTTP_Method_Override', method],
        ];
        for (const claimed of [
          claim('GET', '/orders'),
          [...claim('GET', '/orders'), ...claim('GET', '/orders')],
        ]) {
          const refused = await get([keyHeader, ...claimed], '/admin');
          assert.deepEqual([refused.status, refused.reason], [403, 'endpoint_not_connected']);
        }
        for (const claimed of [
          claim('DELETE', '/admin'),
          [...claim('GET', '/a'), ...claim('DELETE', '/admin')],
        ]) {
          const passed = await get([keyHeader, ...claimed]);
          assert.equal(passed.status, 200);
          assert.doesNotMatch(JSON.stringify(passed.reached), /admin|DELETE/);
        }
      });

      test('who asked and how is said to the API by the gateway alone', async () => {
        const keyHeader = bearer((await stage().issue()).secret);
        const { status, reached } = await get([
          keyHeader,
          ['X-Forwarded-For', '203.0.113.5'],
          ['X-Forwarded-For', '203.0.113.6'],
          ['X-Forwarded-Proto', 'gopher'],
          ['X-Forwarded-Host', 'evil.example'],
          ['X-Forwarded-Port', '666'],
          ['X-Forwarded-Ssl', 'evil'],
          ['X-Real-IP', '203.0.113.7'],
          ['X-Original-IP', '203.0.113.7'],
          ['X-Forwarded-Server', 'evil'],
          ['X-Forwarded-Scheme', 'evil'],
          ['X_Forwarded_For', '203.0.113.8'],
          ['Forwarded', 'for=203.0.113.9;host=evil.example'],
        ]);
        assert.equal(status, 200);
        assert.doesNotMatch(JSON.stringify(reached), /203\.0\.113|evil|gopher|666/);
        assert.deepEqual(reached[0]?.headers['x-forwarded-for'], ['127.0.0.1']);
        assert.deepEqual(reached[0]?.headers.host, ['api.example.com']);
      });

      test('Connection makes no gateway drop what it says of the client', async () => {
        const keyHeader = bearer((await stage().issue()).secret);
        const plain = await get([keyHeader]);
        for (const connection of [
          identityNames.join(', '),
          `close, ${identityNames.join(', ')}, X-Forwarded-For, X-Forwarded-Uri, X-Original-URI`,
        ]) {
          for (const upgrade of [[], [['Upgrade', 'websocket']], [['Upgrade', 'h2c']]] as HeaderLines[]) {
            const sent = await get([keyHeader, ['Connection', connection], ...upgrade]);
            assert.equal(sent.status, 200);
            for (const name of [...identityNames, 'x-forwarded-for']) {
              assert.deepEqual(sent.reached[0]?.headers[name], plain.reached[0]?.headers[name], name);
            }
          }
        }
      });

      test('no protocol but WebSocket takes the connection over, so no request goes past the check', async () => {
        const keyHeader = bearer((await stage().issue()).secret);
        for (const upgrades of [
          ['h2c'],
          ['h2c', 'websocket'],
          ['websocket', 'h2c'],
          ['websocket, h2c'],
          ['TLS/1.0'],
        ]) {
          const lines = upgrades.map((upgrade) => ['Upgrade', upgrade] as const);
          const sent = await get([
            keyHeader,
            ['Connection', 'Upgrade, HTTP2-Settings'],
            ['HTTP2-Settings', 'AAMAAABkAAQCAAAAAAIAAAAA'],
            ...lines,
          ]);
          assert.equal(sent.status, 200);
          const [upgrade = []] = sent.reached.map(({ headers }) => headers.upgrade ?? []);
          assert.ok(upgrade.length === 0 || upgrade.join() === 'websocket', upgrade.join());
        }
        const sent = await get([keyHeader, ['Connection', 'Upgrade'], ['Upgrade', 'websocket']]);
        assert.deepEqual(sent.reached[0]?.headers.upgrade, gateway === 'caddy' ? ['websocket'] : undefined);
      });

      test("a management key's header is not handed on", async () => {
        const keyHeader = bearer((await stage().issue()).secret);
        const { status, reached } = await get([keyHeader, ['Keywright-Verifier', stage().kw.adminKey]]);
        assert.equal(status, 200);
        assert.equal(reached[0]?.headers['keywright-verifier'], undefined);
      });
    });

    describe('doubled', () => {
      test('two keys are refused, even equal ones, whatever stands between them', async () => {
        const [one, two] = [await stage().issue(), await stage().issue()];
        const many = Array.from({ length: 300 }, (_, index) => [`H${index}`, 'x'] as const);
        const both: HeaderLines[] = [
          [bearer(one.secret), bearer(one.secret)],
          [bearer(one.secret), bearer(two.secret)],
          [bearer(one.secret), ['authorization', 'Bearer x']],
          [bearer(one.secret), ['X-API-Key', one.secret]],
          [['X-API-Key', two.secret], bearer(one.secret)],
          [
            ['X-API-Key', one.secret],
            ['x-api-key', one.secret],
          ],
          [['X-API-Key', one.secret], ...many, ['X-API-Key', two.secret]],
          [['X-API-Key', `${one.secret}, ${two.secret}`]],
        ];
        for (const headers of both) {
          const sent = await get(headers);
          // nginx refuses a second Authorization itself.
          assert.ok(sent.status === 401 || (gateway === 'nginx' && sent.status === 400), String(sent.status));
          assert.deepEqual(sent.reached, []);
        }
      });

      test('a second host or length, or a length beside a transfer coding, brings no other request to the API', async () => {
        const [name, value] = bearer((await stage().issue()).secret);
        // Five bytes, as a body, and as an empty chunked one.
        const body = '0\r\n\r\n';
        for (const extra of [
          'Host: evil.example\r\nContent-Length: 5',
          'Content-Length: 5\r\nContent-Length: 0',
          'Content-Length: 0\r\nContent-Length: 5',
          'Content-Length: 5\r\nTransfer-Encoding: chunked',
          'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
          'Transfer-Encoding: xchunked\r\nContent-Length: 5',
          ' Content-Length: 5',
        ]) {
          const head = `GET /orders HTTP/1.1\r\nHost: api.example.com\r\nConnection: close\r\n${name}: ${value}\r\n`;
          const smuggled = `GET /admin HTTP/1.1\r\nHost: evil.example\r\n${name}: ${value}\r\n\r\n`;
          const sent = await stage().sendText(`${head}${extra}\r\n\r\n${body}${smuggled}`);
          assert.ok(sent.reached.length <= 1);
          // What was smuggled would stand before the next request on the gateway's connection to the API.
          const next = await get([[name, value]]);
          assert.equal(next.reached.length, 1);
          assert.doesNotMatch(JSON.stringify([sent.reached, next.reached]), /evil|admin/);
        }
      });
    });

    describe('large', () => {
      test('a profile of 16 kB passes; the API is told that it was left out', async () => {
        const { id, secret } = await keyWithProfile({ text: 'x'.repeat(16_000) });
        const { status, reached } = await get([bearer(secret)]);
        assert.equal(status, 200);
        const headers = reached[0]?.headers ?? {};
        assert.deepEqual(headers['x-auth-profile-id'], [id]);
        assert.ok(['', undefined].includes(headers['x-auth-profile']?.[0]));
        assert.deepEqual(headers['x-auth-omitted'], ['profile']);
      });

      test('a small profile is handed to the API whole, whatever is in it', async () => {
        const settings = {
          language: 'Grüße \u{1f511}',
          line: 'a\r\nX-Auth-Key-Id: forged',
          depth: { n: [1, null] },
        };
        const { secret } = await keyWithProfile(settings);
        const { status, reached } = await get([bearer(secret)]);
        assert.equal(status, 200);
        const [profile] = reached[0]?.headers['x-auth-profile'] ?? [];
        assert.deepEqual(JSON.parse(Buffer.from(String(profile), 'base64url').toString()), settings);
      });

      test('the longest identity that Keywright says fits through the gateway', async () => {
        // 1,536 bytes are 2,048 in base64.
        const { secret } = await keyWithProfile({ text: 'x'.repeat(1_536 - '{"text":""}'.length) });
        const { status, reached } = await get([bearer(secret)]);
        assert.equal(status, 200);
        assert.equal(reached[0]?.headers['x-auth-profile']?.[0]?.length, 2_048);
      });

      test('more headers than anyone takes are refused, and reach nobody', async () => {
        const keyHeader = bearer((await stage().issue()).secret);
        for (const padding of [
          Array.from({ length: 2_500 }, (_, index) => [`H${index}`, 'x'.repeat(20)] as const),
          [['X-Long', 'x'.repeat(40_000)] as const],
        ]) {
          const sent = await get([keyHeader, ...padding]);
          assert.ok(sent.status >= 400 || sent.status === 0, String(sent.status));
          assert.deepEqual(sent.reached, []);
        }
      });

      async function keyWithProfile(settings: unknown): Promise<{ id: string; secret: string }> {
        const { kw, issue } = stage();
        profiles += 1;
        const body = { name: `Profile ${profiles}`, settings };
        const made = await kw.call('POST', '/v1/profiles', { body });
        assert.equal(made.status, 201, JSON.stringify(made.body));
        const { secret } = await issue({ profileId: made.body.id });
        return { id: made.body.id, secret };
      }
    });
  },
  { sqliteOnly: true },
);

let profiles = 0;
