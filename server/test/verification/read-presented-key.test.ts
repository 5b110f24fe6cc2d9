import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readPresentedKey } from '../../src/verification/read-presented-key.ts';

const OFF = { secretAsUserName: false };
const ON = { secretAsUserName: true };
const MALFORMED = { kind: 'malformed' };

function basic(text: string | Uint8Array): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

function fromAuthorization(value: string, options = OFF) {
  return readPresentedKey({ authorization: [value], apiKey: [] }, options);
}

function fromApiKey(value: string) {
  return readPresentedKey({ authorization: [], apiKey: [value] }, OFF);
}

function secret(text: string, apiKeyId: string | null = null) {
  return { kind: 'secret', secret: text, apiKeyId };
}

describe('readPresentedKey', () => {
  it('says none only where neither header was sent', () => {
    assert.deepEqual(readPresentedKey({ authorization: [], apiKey: [] }, OFF), { kind: 'none' });
    assert.deepEqual(readPresentedKey({ authorization: [], apiKey: [] }, ON), { kind: 'none' });
  });

  it('reads Bearer, in any case of the scheme, with any number of spaces', () => {
    for (const value of ['Bearer s3cret', 'bearer s3cret', 'BEARER   s3cret']) {
      assert.deepEqual(fromAuthorization(value), secret('s3cret'));
    }
    assert.deepEqual(fromAuthorization('Bearer a:b=/+~"\\,;'), secret('a:b=/+~"\\,;'));
  });

  it('reads X-API-Key as it is', () => {
    assert.deepEqual(fromApiKey('s3cret'), secret('s3cret'));
    assert.deepEqual(fromApiKey('Bearer'), secret('Bearer'));
  });

  it('reads Basic as id and secret, split at the first colon', () => {
    assert.deepEqual(fromAuthorization(basic('key_1:s3cret')), secret('s3cret', 'key_1'));
    assert.deepEqual(fromAuthorization(basic('key_1:s3:cr:et:')), secret('s3:cr:et:', 'key_1'));
    assert.deepEqual(fromAuthorization(basic('key_1::')), secret(':', 'key_1'));
    assert.deepEqual(
      fromAuthorization(basic('key_1:s3cret').replace('Basic', 'bAsIc')),
      secret('s3cret', 'key_1'),
    );
    assert.deepEqual(fromAuthorization(basic('key_1:s3cret'), ON), secret('s3cret', 'key_1'));
  });

  it('takes the secret as user name only where that is switched on', () => {
    assert.deepEqual(fromAuthorization(basic('s3cret:'), OFF), MALFORMED);
    assert.deepEqual(fromAuthorization(basic('s3cret:'), ON), secret('s3cret'));
  });

  it('calls a Basic malformed that is not exactly the base64 of one id and secret', () => {
    const values = [
      'Basic',
      'Basic ',
      basic(''),
      basic(':'),
      basic(':s3cret'),
      basic('s3cret'),
      basic('key_1:s3c\nret'),
      basic('key_1:s3c\u0000ret'),
      basic('ke\u0085y:s3cret'),
      basic(new Uint8Array([0x6b, 0x3a, 0xff])),
      basic(new Uint8Array([0x6b, 0xc0, 0xba, 0x3a, 0x73])),
      `${basic('key_1:s3cret')}=`,
      `${basic('key_1:s3cret')}, ${basic('key_2:s3cret')}`,
      `${basic('key_1:s3cret')},Bearer`,
      basic('key_1:s3cre').replaceAll('=', ''),
      `Basic ${Buffer.from('ke?:s>>?').toString('base64url')}`,
      'Basic key_1:s3cret',
    ];
    for (const options of [OFF, ON]) {
      for (const value of values) assert.deepEqual(fromAuthorization(value, options), MALFORMED, value);
    }
  });

  it('calls malformed what was sent and cannot be read: unknown schemes, empty values, blanks, control characters', () => {
    const values = [
      '',
      ' ',
      'Bearer',
      'Bearer ',
      's3cret',
      'Bearer a b',
      'Bearer\ts3cret',
      'Bearer s3\u0000',
      'Bearer s\u00e9',
      'Digest username="a"',
      'Negotiate s3cret',
      'Basic2 a',
      'Bearers s3cret',
      ' Bearer s3cret',
      'Bearer s3cret ',
      'Bearer, s3cret',
    ];
    for (const value of values) assert.deepEqual(fromAuthorization(value), MALFORMED, value);
    for (const value of ['', ' ', 'a b', 'a, b', ' a', 'a ', 'a\n', 'é'])
      assert.deepEqual(fromApiKey(value), MALFORMED, value);
  });

  it('calls malformed what is longer than 4096 characters', () => {
    assert.deepEqual(fromApiKey('x'.repeat(4096)), secret('x'.repeat(4096)));
    assert.deepEqual(fromApiKey('x'.repeat(4097)), MALFORMED);
    assert.deepEqual(fromAuthorization(`Bearer ${'x'.repeat(1_000_000)}`), MALFORMED);
  });

  it('calls more than one presented key malformed, even equal, empty or unreadable ones', () => {
    const value = fc.constantFrom('Bearer s3cret', 's3cret', '', basic('key_1:s3cret'), 'Digest a');
    const values = fc.array(value, { maxLength: 3 });
    fc.assert(
      fc.property(values, values, fc.boolean(), (authorization, apiKey, secretAsUserName) => {
        fc.pre(authorization.length + apiKey.length > 1);
        assert.deepEqual(readPresentedKey({ authorization, apiKey }, { secretAsUserName }), MALFORMED);
      }),
    );
  });

  it('gives back what was put in, for every id and secret without a colon in the id', () => {
    const text = fc.string({ unit: fc.constantFrom(...'aZ09-_.~:é€😀'), minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(
        text.filter((id) => !id.includes(':')),
        text,
        (id, value) => {
          assert.deepEqual(fromAuthorization(basic(`${id}:${value}`)), secret(value, id));
        },
      ),
    );
  });

  it('never throws, whatever the headers', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }).map((argument) => `Basic ${argument}`),
      fc.uint8Array().map(basic),
    );
    fc.assert(
      fc.property(text, fc.boolean(), (value, secretAsUserName) => {
        fromAuthorization(value, { secretAsUserName });
        fromApiKey(value);
      }),
      { numRuns: 2000 },
    );
  });
});
