import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { identityHeaders } from '../../src/http/forward-auth/identity-headers.ts';
import { readOriginalAddress } from '../../src/http/forward-auth/read-original-address.ts';

type Allowed = Parameters<typeof identityHeaders>[0];

const allowed = (scopes: readonly string[], settings?: unknown): Allowed => ({
  allowed: true,
  apiKey: {
    id: `key_${'0'.repeat(26)}`,
    name: 'Name',
    environment: 'development',
    scopes,
    expiresAt: null,
    metadata: {},
  },
  application: { id: `app_${'0'.repeat(26)}`, title: 'Title' },
  organization: { id: `org_${'0'.repeat(26)}` },
  profile: settings === undefined ? null : { id: `prof_${'0'.repeat(26)}`, name: 'Profile', settings },
});

const scopeName = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$/);

describe('identity headers', () => {
  test('stay under 3 kB together, and say each thing whole or not at all', () => {
    fc.assert(
      fc.property(
        fc.array(scopeName, { maxLength: 200 }),
        fc.option(fc.record({ text: fc.string({ unit: 'grapheme', maxLength: 3_000 }) }), { nil: undefined }),
        (scopes, settings) => {
          const headers = identityHeaders(allowed(scopes, settings));
          const size = Object.entries(headers).reduce(
            (sum, [name, value]) => sum + `${name}: ${value}\r\n`.length,
            0,
          );
          assert.ok(size < 3_072);
          const omitted = (headers['X-Auth-Omitted'] ?? '').split(' ');
          assert.equal(headers['X-Auth-Scopes'], omitted.includes('scopes') ? '' : scopes.join(' '));
          const profile = Buffer.from(JSON.stringify(settings ?? '')).toString('base64url');
          const expected = settings === undefined || omitted.includes('profile') ? '' : profile;
          assert.equal(headers['X-Auth-Profile'], expected);
          assert.equal(omitted.includes('profile'), settings !== undefined && profile.length > 2_048);
          for (const value of Object.values(headers)) assert.match(value, /^[\x20-\x7e]*$/);
        },
      ),
    );
  });

  test('scopes are left out only where they do not fit beside the rest', () => {
    const twenty = Array.from({ length: 20 }, (_, index) => `accounting-${index}:read`);
    const most = { text: 'x'.repeat(1_536 - '{"text":""}'.length) };
    const both = identityHeaders(allowed(twenty, most));
    assert.deepEqual([both['X-Auth-Omitted'], both['X-Auth-Profile']?.length], ['', 2_048]);
    const hundred = Array.from({ length: 100 }, (_, index) => `accounting-${index}:read`);
    assert.equal(identityHeaders(allowed(hundred))['X-Auth-Omitted'], '');
    assert.equal(identityHeaders(allowed(hundred, most))['X-Auth-Omitted'], 'scopes');
    const over = { text: `${most.text}x` };
    assert.equal(identityHeaders(allowed(hundred, over))['X-Auth-Omitted'], 'profile');
  });

  test('a scope that cannot stand in a header is left out with all the others', () => {
    const headers = identityHeaders(allowed(['a:read', 'b:read\r\nX-Auth-Key-Id: forged']));
    assert.deepEqual([headers['X-Auth-Scopes'], headers['X-Auth-Omitted']], ['', 'scopes']);
  });
});

describe("the client's address", () => {
  const isTrusted = (ip: string) => ip.startsWith('10.');
  const cases: readonly [string, 'single' | 'chain', string | null][] = [
    ['203.0.113.5', 'single', '203.0.113.5'],
    ['2001:db8::1', 'single', '2001:db8::1'],
    ['10.0.0.1', 'single', '10.0.0.1'],
    ['unix:', 'single', null],
    ['', 'single', null],
    ['203.0.113.5, 203.0.113.6', 'single', null],
    ['203.0.113.5:80', 'single', null],
    ['203.0.113.5', 'chain', '203.0.113.5'],
    ['10.0.0.1', 'chain', '10.0.0.1'],
    ['198.51.100.1, 203.0.113.5', 'chain', '203.0.113.5'],
    ['198.51.100.1, 203.0.113.5, 10.0.0.1', 'chain', '203.0.113.5'],
    ['198.51.100.1,203.0.113.5 ,10.0.0.1,10.0.0.2', 'chain', '203.0.113.5'],
    ['10.0.0.9, 10.0.0.1', 'chain', '10.0.0.9'],
    ['198.51.100.1, unknown, 10.0.0.1', 'chain', null],
    ['198.51.100.1, ', 'chain', null],
    ['', 'chain', null],
  ];
  for (const [value, form, expected] of cases) {
    test(`${JSON.stringify(value)} as ${form} is ${expected ?? 'none to believe'}`, () => {
      assert.equal(readOriginalAddress(value, form, isTrusted), expected);
    });
  }
});
