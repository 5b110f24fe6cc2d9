import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type Allowed,
  findForbiddenText,
  findForbiddenTextInTurns,
} from '../../src/domain/forbidden-text.ts';
import { drawCheckedSecret } from '../../src/lib/checked-secret.ts';
import { systemRandom } from '../../src/lib/random.ts';

const nothing: Allowed = { documents: [], secrets: [] };
const secret = drawCheckedSecret('kw_live_', systemRandom);
const pointers = (value: unknown, allowed: Partial<Allowed> = {}) =>
  findForbiddenText(value, { ...nothing, ...allowed }).map((field) => field.pointer);
const nest = (depth: number, inner: unknown) => {
  let value = inner;
  for (let times = 0; times < depth; times += 1) value = [value];
  return value;
};

describe('text that is forbidden', () => {
  const table: [what: string, value: unknown, allowed: Partial<Allowed>, found: string[]][] = [
    ['nothing in what is well', { a: ['b', 1, null, { c: 'd' }] }, {}, []],
    ['a control character, wherever it stands', ['a\0', { b: ['ok', 'c\u009f'] }], {}, ['/0', '/1/b/1']],
    ['a lone surrogate', { a: '\ud800' }, {}, ['/a']],
    ['the body itself', 'a\u0007', {}, ['']],
    ['the object, of a member whose name is forbidden', { a: { 'b\0': 1 } }, {}, ['/a']],
    ['a pointer with its escapes', { 'a/b~c': { d: '\0' } }, {}, ['/a~1b~0c/d']],
    ['a secret', { a: [`see ${secret}`] }, {}, ['/a/0']],
    ['a secret as the name of a member', { a: { [secret]: 1 } }, {}, ['/a']],
    ['no secret where one belongs', { secret, keys: [{ secret }] }, { secrets: ['secret'] }, []],
    ['no secret where all may be one', { a: secret, [secret]: 1 }, { secrets: 'all' }, []],
    ['controls where a secret belongs', { secret: 'a\0' }, { secrets: ['secret'] }, ['/secret']],
    ['no controls in a document', { doc: { a: 'x\ny', 'b\n': ['\0'] } }, { documents: ['doc'] }, []],
    [
      'a secret in a document',
      { doc: { a: [secret] } },
      { documents: ['doc'], secrets: ['a'] },
      ['/doc/a/0'],
    ],
    [
      'controls in a document that is one further inside only',
      { a: { doc: '\n' } },
      { documents: ['doc'] },
      ['/a/doc'],
    ],
    ['nothing at 64 levels', nest(64, 'a'), {}, []],
    ['what is deeper than 64 levels', nest(65, 'a'), {}, ['/0'.repeat(65)]],
    ['nothing of the depth of a document', { doc: nest(5_000, 'a\n') }, { documents: ['doc'] }, []],
  ];
  for (const [what, value, allowed, found] of table) {
    it(`finds ${what}`, () => assert.deepEqual(pointers(value, allowed), found));
  }

  it('is named a hundred times at the most', () => {
    assert.equal(pointers(Array.from({ length: 5_000 }, () => '\0')).length, 100);
  });

  it('is found alike at once and in turns', async () => {
    const odd = fc.constantFrom('a', 'b', '\0', secret, '\udc00');
    const value = fc.letrec((tie) => ({
      any: fc.oneof({ depthSize: 'medium' }, odd, fc.array(tie('any')), fc.dictionary(odd, tie('any'))),
    })).any;
    await fc.assert(
      fc.asyncProperty(
        value,
        fc.subarray(['a', 'b']),
        fc.subarray(['a', 'b']),
        async (body, documents, secrets) => {
          const allowed = { documents, secrets };
          assert.deepEqual(await findForbiddenTextInTurns(body, allowed), findForbiddenText(body, allowed));
        },
      ),
      { numRuns: 500 },
    );
    const large = Array.from({ length: 20_000 }, (_, index) => ({ index: [index === 17_000 ? '\0' : 'ok'] }));
    let turns = 0;
    const count = () => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    const found = await findForbiddenTextInTurns(large, nothing);
    clearImmediate(next);
    assert.deepEqual(
      found.map((field) => field.pointer),
      ['/17000/index/0'],
    );
    assert.ok(turns >= 10, `${turns} turns`);
  });
});
