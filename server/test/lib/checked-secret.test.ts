import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checksumOf, drawCheckedSecret, hasValidChecksum, maskSecret } from '../../src/lib/checked-secret.ts';
import { systemRandom } from '../../src/lib/random.ts';

const BODY = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg';

describe('checked secrets', () => {
  const vectors: [prefix: string, checksum: string][] = [
    ['kw_live_', '418bBM'],
    ['kw_dev_', '0XcpxI'],
    ['kwm_', '02yAN1'],
  ];
  for (const [prefix, checksum] of vectors) {
    it(`agree with the published vector for ${prefix}`, () => {
      assert.equal(checksumOf(prefix + BODY), checksum);
      assert.equal(hasValidChecksum(prefix + BODY + checksum), true);
    });
  }

  it('are drawn as prefix, 43 characters and a checksum that is right', () => {
    const secret = drawCheckedSecret('kw_live_', systemRandom);
    assert.match(secret, /^kw_live_[0-9A-Za-z]{49}$/);
    assert.equal(hasValidChecksum(secret), true);
    assert.notEqual(drawCheckedSecret('kw_live_', systemRandom), secret);
  });

  it('are shown by their prefix and eight characters, none of them of the checksum', () => {
    assert.deepEqual(maskSecret(`kw_live_${BODY}418bBM`, 'kw_live_'), {
      masked: 'kw_live_0123…defg',
      lastFour: 'defg',
    });
  });

  it('take all their randomness from the source passed in', () => {
    const secret = drawCheckedSecret('kw_live_', (size) => new Uint8Array(size).fill(63));
    assert.equal(secret, `kw_live_${'1'.repeat(43)}${checksumOf(`kw_live_${'1'.repeat(43)}`)}`);
  });

  it('are invalid as soon as any one character is another one', () => {
    const secret = drawCheckedSecret('kw_live_', systemRandom);
    fc.assert(
      fc.property(
        fc.nat({ max: secret.length - 1 }),
        fc.string({ minLength: 1, maxLength: 1 }),
        (at, other) => {
          fc.pre(secret[at] !== other);
          assert.equal(hasValidChecksum(secret.slice(0, at) + other + secret.slice(at + 1)), false);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('are invalid when cut, lengthened or when neighbours change places', () => {
    const secret = drawCheckedSecret('kw_live_', systemRandom);
    for (let length = 0; length < secret.length; length++) {
      assert.equal(hasValidChecksum(secret.slice(0, length)), false);
    }
    assert.equal(hasValidChecksum(`${secret}0`), false);
    for (let at = 0; at < secret.length - 1; at++) {
      if (secret[at] === secret[at + 1]) continue;
      const swapped = `${secret.slice(0, at)}${secret[at + 1]}${secret[at]}${secret.slice(at + 2)}`;
      assert.equal(hasValidChecksum(swapped), false);
    }
  });

  it('need a whole body: a right checksum over less is not enough', () => {
    assert.equal(hasValidChecksum(`abc${checksumOf('abc')}`), false);
    const withSign = `kw_live_${BODY.slice(0, -1)}-`;
    assert.equal(hasValidChecksum(withSign + checksumOf(withSign)), false);
  });

  it('are judged without ever throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
        assert.equal(typeof hasValidChecksum(text), 'boolean');
      }),
    );
    assert.equal(hasValidChecksum('\ud800'.repeat(60)), false);
  });
});
