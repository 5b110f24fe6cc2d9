import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DocumentError } from '../../../src/domain/apis/openapi/document-error.ts';
import { scanJson } from '../../../src/domain/apis/openapi/scan-json.ts';

const LIMITS = { depth: 100, values: 100_000 };

function scans(text: string): boolean {
  try {
    scanJson(text, LIMITS);
    return true;
  } catch (error) {
    assert.ok(error instanceof DocumentError, String(error));
    return false;
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('every JSON text passes, with any spacing', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom('', ' ', '\t', '\r\n'), (value, space) => {
      assert.ok(scans(space + JSON.stringify(value, null, space) + space));
    }),
    { numRuns: 500 },
  );
});

test('a damaged JSON text passes exactly when JSON.parse takes it, keys given twice aside', () => {
  const piece = fc.constantFrom(
    ...'{}[]:,"\\ -+.0123eEtfnu\n\u0001'.split(''),
    'true',
    '"a"',
    '\\u00',
    '1e',
    '-0',
  );
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 3 }),
      fc.nat(),
      fc.nat({ max: 3 }),
      piece,
      (value, position, cut, inserted) => {
        const text = JSON.stringify(value);
        const at = position % (text.length + 1);
        const damaged = text.slice(0, at) + inserted + text.slice(at + cut);
        let repeated = false;
        try {
          scanJson(damaged, LIMITS);
        } catch (error) {
          repeated = error instanceof DocumentError && error.message.includes('given twice');
        }
        if (!repeated) assert.equal(scans(damaged), parses(damaged), damaged);
      },
    ),
    { numRuns: 3_000 },
  );
});

test('the same key in two objects is no repetition, in one object it is, however it is escaped', () => {
  assert.ok(scans('{"a": {"a": [{"a": 1}, {"a": 2}]}, "b": {"a": "a"}}'));
  assert.ok(!scans('{"a": 1, "\\u0061": 2}'));
  assert.ok(!scans('{"__proto__": 1, "__proto__": 2}'));
  assert.ok(scans('{"__proto__": 1, "constructor": 2, "": 3}'));
});
