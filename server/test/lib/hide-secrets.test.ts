import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { checksumOf } from '../../src/lib/checked-secret.ts';
import { hideSecrets, holdsSecret } from '../../src/lib/hide-secrets.ts';

const body = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg';
const withChecksum = (text: string) => text + checksumOf(text);
const letters = (alphabet: string, range: { minLength: number; maxLength: number }) =>
  fc.array(fc.constantFrom(...alphabet), range).map((drawn) => drawn.join(''));
const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const secret = fc
  .record({
    brand: letters('abcdefghijklmnopqrstuvwxyz0189', { minLength: 1, maxLength: 11 }),
    first: fc.constantFrom(...'akz'),
    environment: fc.constantFrom('live', 'stg', 'dev'),
    drawn: letters(base62, { minLength: 43, maxLength: 43 }),
  })
  .map(({ brand, first, environment, drawn }) => withChecksum(`${first}${brand}_${environment}_${drawn}`));

describe('holdsSecret', () => {
  test('finds a secret of any brand and a management key, whatever stands before and after', () => {
    const around = fc.oneof(fc.string(), letters(`${base62}_`, { minLength: 0, maxLength: 30 }));
    const managementKey = letters(base62, { minLength: 43, maxLength: 43 }).map((drawn) =>
      withChecksum(`kwm_${drawn}`),
    );
    fc.assert(
      fc.property(around, fc.oneof(secret, managementKey), around, (before, found, after) =>
        holdsSecret(before + found + after),
      ),
    );
  });

  test('finds one whose brand stands where what looks like another one ends', () => {
    const decoy = `zz_live_${'a'.repeat(47)}`;
    assert.ok(holdsSecret(decoy + withChecksum(`kw_live_${body}`)));
  });

  test('passes over what has a wrong checksum or is cut', () => {
    fc.assert(
      fc.property(secret, (whole) => {
        const last = whole.at(-1) === 'a' ? 'b' : 'a';
        return !holdsSecret(whole.slice(0, -1)) && !holdsSecret(whole.slice(0, -1) + last);
      }),
    );
    assert.ok(!holdsSecret(`k_live_${body}${checksumOf(`k_live_${body}`)}`));
  });

  test('reads a megabyte that is all but secrets in far less than the time of a request', () => {
    const almost = `abcdefghijkl_live_${'a'.repeat(49)}`;
    for (const text of [almost.repeat(15_000), 'abcdefghijk'.repeat(90_000), '_live'.repeat(200_000)]) {
      const started = performance.now();
      assert.ok(!holdsSecret(text));
      assert.ok(performance.now() - started < 1_000, 'linear, with a small factor');
    }
  });
});

test('hideSecrets leaves the prefix of a secret, whole or cut, and nothing after it', () => {
  const whole = withChecksum(`kw_live_${body}`);
  assert.equal(hideSecrets(`a ${whole} b ${whole.slice(0, 30)} c`), 'a kw_live_… b kw_live_… c');
});
