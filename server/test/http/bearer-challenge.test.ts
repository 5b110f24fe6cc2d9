import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { bearerChallenge } from '../../src/http/bearer-challenge.ts';

const lacking = (scopes: readonly string[]) =>
  bearerChallenge({ error: 'insufficient_scope', description: 'Lacks a scope.', scopes });
const withoutScope =
  'Bearer realm="keywright", error="insufficient_scope", error_description="Lacks a scope."';

describe('the challenge', () => {
  test('names no error where nothing was presented', () => {
    assert.equal(bearerChallenge(), 'Bearer realm="keywright"');
  });

  test('names each scope that is needed once', () => {
    assert.equal(lacking(['a:read', 'b:full', 'a:read']), `${withoutScope}, scope="a:read b:full"`);
  });

  test('leaves the scopes out where there is none to name, or together they are longer than 1 kB', () => {
    assert.equal(lacking([]), withoutScope);
    const long = (letters: number) => ['x'.repeat(500), 'y'.repeat(letters)];
    assert.equal(lacking(long(523)), `${withoutScope}, scope="${long(523).join(' ')}"`);
    assert.equal(lacking(long(524)), withoutScope);
  });

  test('is one header with whole attributes, whatever is said in it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.array(fc.string({ unit: 'binary' })),
        (description, scopes) => {
          const challenge = bearerChallenge({ error: 'insufficient_scope', description, scopes });
          assert.match(challenge, /^Bearer \w+="[^"\\]*"(, \w+="[^"\\]*"){2,3}$/);
          assert.match(challenge, /^[\x20-\x7e]*$/);
        },
      ),
    );
  });
});
