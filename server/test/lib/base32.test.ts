import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fromUUIDBytes } from 'typeid-js';
import { encodeBase32 } from '../../src/lib/base32.ts';

describe('encodeBase32', () => {
  it('writes what the TypeID library writes, for any 16 bytes', () => {
    const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(sixteen, (bytes) =>
        assert.equal(`req_${encodeBase32(bytes)}`, fromUUIDBytes('req', bytes)),
      ),
    );
    for (const byte of [0, 1, 0x7f, 0x80, 0xff]) {
      const bytes = new Uint8Array(16).fill(byte);
      assert.equal(`req_${encodeBase32(bytes)}`, fromUUIDBytes('req', bytes));
    }
  });
});
