import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isExactNumber } from '../../src/lib/is-exact-number.ts';

describe('isExactNumber', () => {
  test('what JavaScript writes, it also keeps', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) =>
        isExactNumber(JSON.stringify(number)),
      ),
    );
  });

  test('a whole number is kept exactly where a double is that number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), (number) => {
        const written = BigInt(Number(number).toLocaleString('fullwide', { useGrouping: false }));
        return isExactNumber(String(number)) === (written === number);
      }),
    );
  });

  for (const source of [
    '0',
    '-0',
    '0.0',
    '1.0',
    '1.50',
    '1e2',
    '1E+2',
    '100e-2',
    '0.1',
    '0e99999',
    '5e-324',
  ]) {
    test(`keeps its value: ${source}`, () => assert.equal(isExactNumber(source), true));
  }

  for (const source of [
    '9007199254740993',
    '12345678901234567890',
    '-12345678901234567890',
    '0.1000000000000000000001',
    '1e400',
    '-1e400',
    '1e-400',
    '1.0000000000000000000000000001e5',
  ]) {
    test(`does not: ${source}`, () => assert.equal(isExactNumber(source), false));
  }
});
