import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basic, bearer, onEveryGateway } from './stage.ts';

/**
 * Every way in which some server is known to read a path. `/admin` is an endpoint of the API that the key is not connected
 * to, so no reading of what reaches the API may lead there.
 */
function readingsOf(url: string): string[] {
  const path = url.split(/[?#]/)[0] ?? '';
  const steps: ((path: string) => string)[] = [
    (text) =>
      text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    (text) => text.replaceAll('\\', '/'),
    (text) => text.replace(/;[^/]*/g, ''),
    (text) => text.split('\0')[0] ?? '',
    (text) => text.replace(/\/{2,}/g, '/'),
    (text) => new URL(text.replace(/^\/+/, '/'), 'http://api').pathname,
    (text) => text.toLowerCase(),
    (text) => text.replace(/(?<=.)\/+$/, ''),
    (text) => text.trim(),
  ];
  const found = new Set([path]);
  for (let round = 0; round < 4; round++) {
    for (const known of [...found]) for (const step of steps) found.add(step(known));
  }
  return [...found];
}

/** The endpoints that the key may GET: `/orders` and `/orders/{id}`. */
const mayCall = /^\/orders(\/[^/]+)?$/;

/** Targets that pass: plain ones, and those that no two readings take for different endpoints. */
const passing = [
  '/orders',
  '/orders?a=1&a=2',
  '/orders?x=/../admin',
  '/orders?//%2e%2e%2fadmin',
  '/orders/1',
  '/orders/admin',
  '/orders/a.b',
  '/orders/..a',
  '/orders/%41',
  '/%6frders',
  '/orders/a%20b',
  '/orders/caf%C3%A9',
  '/orders/%EF%BC%8Fadmin',
  '/orders/%E2%80%A8',
  '/orders/a:b',
  '/orders/~a',
];

/** Targets that must not pass, or at most as something that the key may call. */
const suspicious = [
  '/admin',
  '/ADMIN',
  '/%61dmin',
  '/admin/',
  '/admin?/orders',
  '/admin#/orders',
  '/admin;/orders',
  '//admin',
  '/./admin',
  '/orders/../admin',
  '/orders/./../admin',
  '/orders/..',
  '/orders/.',
  '/orders/../orders',
  '/orders/%2e%2e/admin',
  '/orders/%2E%2e/admin',
  '/orders/.%2e/admin',
  '/orders/%2e%2e%2fadmin',
  '/orders/..%2fadmin',
  '/orders/..%2Fadmin',
  '/orders/..%5cadmin',
  '/orders/..\\admin',
  '/orders\\..\\admin',
  '/orders%2f..%2fadmin',
  '/orders%2F1',
  '/orders/%252e%252e/admin',
  '/orders/%252e%252e%252fadmin',
  '/orders/..;/admin',
  '/orders/..;x=1/admin',
  '/orders/..%3b/admin',
  '/orders;/../admin',
  '/orders;x/1',
  '/orders/1;x',
  '/orders/%00',
  '/orders%00/admin',
  '/admin%00/orders',
  '/orders/%0a',
  '/orders/%0d%0aX-Auth-Key-Id:%20forged',
  '/orders/%zz',
  '/orders/%',
  '/orders/%c0%ae%c0%ae/admin',
  '/orders/%c0%afadmin',
  '/orders/%e0%80%af..',
  '/orders/%ff',
  '/orders/%u002e',
  '/orders/%uff0e%uff0e/admin',
  '/orders/\u00ff',
  '/orders/\u00c0\u00ae\u00c0\u00ae/admin',
  '/orders/',
  '//orders',
  '/orders//1',
  '/orders//../admin',
  '/orders///..//admin',
  '//api.example.com/admin',
  '///admin',
  '/Orders',
  '/ORDERS/1',
  '/orders/1/',
  '/orders/1/notes',
  '/orders/1%2fnotes',
  '/orders/1%2Fnotes',
  '/orders/1\\notes',
  '/orders/1;/notes',
  '/orders/1/./notes',
  '/orders/1#/notes',
  '/orders/1%23/notes',
  '/orders/1%3f/notes',
  '/orders/1%3F/../../admin',
  '/orders/\tadmin',
  '/orders/a b',
  '/orders/%09',
  '/orders/%7f',
  '/orders/%c2%85',
  'http://api.example.com/admin',
  'http://evil.example/admin',
  'http://api.example.com/orders/../admin',
  'http://api.example.com//admin',
  'http://api.example.com',
  'http://api.example.com?/orders',
  'http://api.example.com/orders',
  'http://user:pass@api.example.com/admin',
  'HTTP://api.example.com/admin',
  'https://api.example.com/admin',
  'ftp://api.example.com/admin',
  'orders',
  'admin',
  '?/orders',
  '#/orders',
  '*',
  '',
  'api.example.com:80',
  '/_keywright',
  '/_keywright/../admin',
  '/v1/forward-auth/nginx?api=x',
  `/orders/${'a/../'.repeat(300)}admin`,
  `/orders/${'%2e%2e/'.repeat(300)}admin`,
  `/orders/${'a'.repeat(3_000)}/../../admin`,
];

onEveryGateway(
  'paths',
  (stage, gateway) => {
    test('plain and harmlessly encoded targets reach the API byte for byte', async () => {
      const { secret } = await stage().issue();
      for (const target of passing) {
        const sent = await stage().send('GET', target, [bearer(secret)]);
        assert.deepEqual([sent.status, sent.reached[0]?.url], [200, target]);
      }
    });

    test('whatever a target looks like, it reaches the API only as an endpoint that the key may call', async () => {
      const key = await stage().issue();
      const keyHeaders = [bearer(key.secret), basic(key.id, key.secret)];
      const through: string[] = [];
      for (const [index, target] of suspicious.entries()) {
        const keyHeader = keyHeaders[index % 2] ?? bearer(key.secret);
        const sent = await stage().send('GET', target, [keyHeader]);
        for (const { url } of sent.reached) {
          through.push(target);
          assert.match(url, mayCall, target);
          for (const reading of readingsOf(url)) assert.match(reading, mayCall, `${target} as ${reading}`);
        }
        assert.equal(sent.reached.length > 0, sent.status === 200, `${target}: ${sent.status}`);
      }
      // The absolute form is sent on as a path by nginx and by Caddy.
      assert.deepEqual(through, expectedThrough[gateway]);
    });

    test('the readings that this test tries do find a path that leads elsewhere', () => {
      for (const target of [
        '/orders/%252e%252e/admin',
        '/orders/..;/admin',
        '/orders/..%5cadmin',
        '//ADMIN',
      ]) {
        assert.ok(
          readingsOf(target).some((reading) => !mayCall.test(reading) && /^\/admin/.test(reading)),
          target,
        );
      }
    });
  },
  { sqliteOnly: true },
);

const expectedThrough = {
  nginx: ['http://api.example.com/orders'],
  caddy: ['http://api.example.com/orders'],
} as const;
