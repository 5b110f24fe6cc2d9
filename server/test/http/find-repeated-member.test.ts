import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { findRepeatedMember } from '../../src/http/find-repeated-member.ts';

const inspect = (json: string) => findRepeatedMember(json, JSON.parse(json));

describe('findRepeatedMember', () => {
  test('finds nothing in what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.json(), (json) => inspect(json) === undefined),
      { examples: [['{"__proto__":{"__proto__":1}}'], [JSON.stringify({ 'a":\\': ':}"' })]] },
    );
  });

  test('finds a member that is given twice, whatever stands around it', () => {
    fc.assert(
      fc.property(fc.string(), fc.json(), fc.json(), (name, one, other) => {
        const member = JSON.stringify(name);
        const inner = `{${member}:${one},${member}:${other}}`;
        return [inner, `[":",${inner}]`, `{"\\"":[${inner}]}`].every((json) => inspect(json) !== undefined);
      }),
    );
    assert.match(String(inspect('{"a":1,"\\u0061":2}')), /"a" is given twice/);
  });

  test('reads text with millions of escapes, which a document in a string has', () => {
    const json = JSON.stringify({ document: '\n"\\'.repeat(2_500_000) });
    assert.equal(inspect(json), undefined);
    assert.match(String(inspect(`[${json},{"a":1,"a":1}]`)), /given twice/);
  });
});
