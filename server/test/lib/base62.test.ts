import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { drawBase62, encodeBase62 } from '../../src/lib/base62.ts';
import { systemRandom } from '../../src/lib/random.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function decode(text: string): bigint {
  return [...text].reduce((sum, digit) => sum * 62n + BigInt(ALPHABET.indexOf(digit)), 0n);
}

describe('encodeBase62', () => {
  it('writes digits, then upper case, then lower case', () => {
    const digits = Array.from({ length: 62 }, (_, value) => encodeBase62(value, 1)).join('');
    assert.equal(digits, ALPHABET);
  });

  it('pads on the left to the width', () => {
    assert.equal(encodeBase62(0, 6), '000000');
    assert.equal(encodeBase62(62, 6), '000010');
    assert.equal(encodeBase62(2 ** 32 - 1, 6), '4gfFC3');
    assert.equal(encodeBase62(2n ** 32n - 1n, 6), '4gfFC3');
  });

  it('can be read back, at exactly its width', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 62n ** 43n - 1n }), (value) => {
        const text = encodeBase62(value, 43);
        assert.equal(text.length, 43);
        assert.equal(decode(text), value);
      }),
    );
  });

  it('refuses what is no non-negative integer and what does not fit', () => {
    for (const value of [-1, -1n, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      assert.throws(() => encodeBase62(value, 20), RangeError);
    }
    assert.throws(() => encodeBase62(62, 1), RangeError);
  });
});

describe('drawBase62', () => {
  it('gives every digit the same number of bytes, and draws the four that are over again', () => {
    const counts = new Map<string, number>();
    for (let byte = 0; byte < 256; byte++) {
      let isFirst = true;
      // Every byte of the first round is `byte`; a later round shows that it was rejected.
      const drawn = drawBase62((size) => {
        const bytes = new Uint8Array(size).fill(isFirst ? byte : 0);
        if (!isFirst) counts.set('rejected', (counts.get('rejected') ?? 0) + 1);
        isFirst = false;
        return bytes;
      }, 1);
      if (byte < 248) counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
    }
    assert.equal(counts.get('rejected'), 8);
    for (const digit of ALPHABET) assert.equal(counts.get(digit), 4);
  });

  it('is uniform within six standard deviations on the system source', () => {
    const drawn = drawBase62(systemRandom, 620_000);
    const counts = new Map<string, number>();
    for (const digit of drawn) counts.set(digit, (counts.get(digit) ?? 0) + 1);
    assert.equal(counts.size, 62);
    for (const count of counts.values()) assert.ok(Math.abs(count - 10_000) < 600, String(count));
  });

  it('has exactly the length asked for, of the alphabet only', () => {
    fc.assert(
      fc.property(fc.nat({ max: 200 }), (length) => {
        assert.match(drawBase62(systemRandom, length), new RegExp(`^[0-9A-Za-z]{${length}}$`));
      }),
    );
  });

  it('throws instead of looping for ever on a source that is stuck or empty', () => {
    assert.throws(() => drawBase62((size) => new Uint8Array(size).fill(255), 10), /randomness/);
    assert.throws(() => drawBase62(() => new Uint8Array(0), 10), /randomness/);
  });
});
