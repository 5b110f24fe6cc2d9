import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../../src/domain/errors.ts';
import { parseBody } from '../../src/http/read-body.ts';
import { verifyRoute } from '../../src/http/routes/verify.ts';
import { validateParts } from '../../src/http/validate.ts';
import { readPlainBody } from '../../src/http/verify/read-plain-body.ts';
import { verifyInput } from '../../src/http/verify/verify-schemas.ts';

/** What the schema makes of the bytes, or undefined where it refuses them. */
function readBySchema(bytes: Uint8Array): unknown {
  try {
    const raw = parseBody(bytes, 'application/json', verifyRoute);
    return validateParts([{ schema: verifyInput, value: raw, where: '' }])[0];
  } catch (error) {
    assert.ok(error instanceof AppError);
    return undefined;
  }
}

const names = [...Object.keys(verifyInput.shape), 'unknown', '__proto__', 'constructor', ''];
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('production', 'staging', 'GET', '/a:b', '"', '\\', '\u007f', '\u0000', 'ü', '\ud800'),
  fc.integer({ min: 95, max: 205 }).map((length) => 'x'.repeat(length)),
  fc.constantFrom(1_024, 1_025, 2_000, 2_001, 16_384, 16_385).map((length) => 'y'.repeat(length)),
);
const value = fc.oneof(
  { weight: 6, arbitrary: text },
  fc.array(text, { maxLength: 4 }),
  fc.constantFrom(99, 100, 101).map((length) => Array.from({ length }, () => 's')),
  fc.jsonValue({ maxDepth: 2 }),
);
/** JSON with members that may stand there twice, and blanks between. */
const body = fc
  .array(fc.tuple(fc.constantFrom(...names), value, fc.constantFrom('', ' ', '\n\t')), { maxLength: 6 })
  .map((members) => {
    const written = members.map(
      ([name, item, blank]) => `${JSON.stringify(name)}${blank}:${JSON.stringify(item)}`,
    );
    return Buffer.from(`{${['"secret":"kw_live_x"', ...written].join(',')}}`);
  });

describe('the quick reading of an ordinary body', () => {
  it('gives what the schema gives, or nothing', () => {
    let read = 0;
    fc.assert(
      fc.property(body, (bytes) => {
        const quick = readPlainBody(bytes);
        if (quick === undefined) return;
        read += 1;
        assert.deepEqual({ ...quick }, readBySchema(bytes));
      }),
      { numRuns: 3_000 },
    );
    assert.ok(read > 100, `only ${read} were read`);
  });

  it('gives nothing for bytes that are no JSON object', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        (bytes) => readPlainBody(Buffer.from(bytes)) === undefined,
      ),
    );
    for (const other of ['', 'null', '[]', '"secret"', '1', '{"secret":"x"', '{"secret":"x"} x', '{}']) {
      assert.equal(readPlainBody(Buffer.from(other)), undefined, other);
    }
  });

  it('reads what a gateway sends', () => {
    const sent = {
      secret: 'kw_live_x',
      api: 'orders',
      method: 'GET',
      path: '/orders/1:2',
      scopes: ['a:read'],
    };
    assert.deepEqual(readPlainBody(Buffer.from(JSON.stringify(sent))), {
      ...sent,
      environment: 'production',
    });
    assert.deepEqual(readPlainBody(Buffer.from(JSON.stringify(sent, null, 2))), {
      ...sent,
      environment: 'production',
    });
  });

  it('leaves a member that stands there twice to the schema', () => {
    assert.equal(readPlainBody(Buffer.from('{"secret":"a","secret":"b"}')), undefined);
    assert.equal(readPlainBody(Buffer.from('{"secret":"a","scopes":["b"],"scopes":["c"]}')), undefined);
    assert.equal(readPlainBody(Buffer.from('{"secret":"a","scopes":1,"scopes":["c"]}')), undefined);
  });
});
