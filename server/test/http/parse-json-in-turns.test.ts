import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseJsonInTurns, standardBounds, UnfitJsonError } from '../../src/http/parse-json-in-turns.ts';

/** Pieces so small that nearly everything is cut. */
const inPieces = (text: string, piece = 1) => parseJsonInTurns(text, { ...standardBounds, piece });
const refusedAs = (kind: UnfitJsonError['kind']) => (error: unknown) =>
  error instanceof UnfitJsonError && error.kind === kind;

async function outcomeOf(parse: () => unknown): Promise<unknown> {
  try {
    return { value: await parse() };
  } catch {
    return 'refused';
  }
}

describe('JSON parsed piece by piece', () => {
  test('is what JSON.parse makes of it, wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue({ maxDepth: 6 }),
        fc.integer({ min: 0, max: 40 }),
        async (value, piece) => {
          assert.deepEqual(await inPieces(JSON.stringify(value), piece), JSON.parse(JSON.stringify(value)));
          const spread = JSON.stringify(value, null, '\t ').replaceAll('\n', ' \r\n');
          assert.deepEqual(await inPieces(spread, piece), JSON.parse(spread));
        },
      ),
      { numRuns: 1_000, examples: [[JSON.parse('{"__proto__":[1,{"__proto__":2}],"a":[]}'), 0]] },
    );
  });

  test('may have blanks wherever JSON may', async () => {
    const text = ' [ 1 , [ 1 , 2 ] , { "a" : [ 1 , 2 ] , "b" : { } } , [ ] ] ';
    assert.deepEqual(await inPieces(text), JSON.parse(text));
  });

  test('is refused where JSON.parse refuses it: one character taken out, put in or changed', async () => {
    const characters = fc.constantFrom(...'[]{},:" \\x1');
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue({ maxDepth: 4 }),
        fc.nat(),
        fc.constantFrom(0, 1),
        fc.constantFrom('', 'in'),
        characters,
        fc.integer({ min: 0, max: 20 }),
        async (value, where, taken, how, character, piece) => {
          const text = JSON.stringify(value);
          const at = where % (text.length + 1);
          const bent = text.slice(0, at) + (how === 'in' ? character : '') + text.slice(at + taken);
          const expected = await outcomeOf(() => JSON.parse(bent));
          const actual = await outcomeOf(() => inPieces(bent, piece));
          // A member may have become one that is there already: JSON.parse keeps the last in silence.
          if (actual === 'refused' && expected !== 'refused') {
            await assert.rejects(inPieces(bent, piece), refusedAs('ambiguous'));
          } else assert.deepEqual(actual, expected, bent);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  test('is refused where something is missing, left over or closed by the wrong bracket', async () => {
    for (const text of [
      '',
      ' ',
      '[1,2',
      '[1,2,]',
      '[,1]',
      '[1,,2]',
      '[1,2]]',
      '[1,2] [3,4]',
      '[[1,2][3,4]]',
      '[[1,2]3,4]',
      '[3[1,2]]',
      '[1,2}',
      '{"a":1,"b":2]',
      '{"a":[1,2],}',
      '{"a":[1,2]"b":3}',
      '{"a" [1,2]}',
      '{"a":1[1,2]}',
      '{"a":nul[1,2]}',
      '{a:[1,2]}',
      '{[1,2],"a":1}',
      '{"a":1,2,"b":[1,2]}',
      '\u00a0[1,2]',
      '[1,\u00a02]',
      ']',
    ]) {
      await assert.rejects(inPieces(text), refusedAs('malformed'), text);
    }
  });

  test('is refused with a member given twice, in one piece or in two', async () => {
    for (const text of [
      '{"a":1,"b":2,"a":3}',
      '{"a":[1,2,3],"b":2,"\\u0061":[1,2]}',
      '[{"x":{"a":[1,2],"a":1}},2]',
      '{"__proto__":[1,2],"b":1,"__proto__":[1,2]}',
    ]) {
      for (const piece of [0, 1, 10, 1_000]) {
        await assert.rejects(inPieces(text, piece), (error: unknown) => {
          assert.ok(refusedAs('ambiguous')(error));
          assert.match((error as Error).message, /^(The key ".+"|A key) is given twice in one object\.$/);
          return true;
        });
      }
    }
  });

  test('is refused with more values, or members of one object, than anybody needs', async () => {
    const bounds = { piece: 10, values: 10, members: 5 };
    const members = (count: number) =>
      JSON.stringify(Object.fromEntries([...'abcdefghij'].slice(0, count).entries()));
    assert.deepEqual(await parseJsonInTurns('[1,2,3,4,5,6,7,8]', bounds), [1, 2, 3, 4, 5, 6, 7, 8]);
    await assert.rejects(parseJsonInTurns('[1,2,3,4,5,6,7,8,9,10]', bounds), refusedAs('too much'));
    assert.deepEqual(await parseJsonInTurns(members(5), bounds), JSON.parse(members(5)));
    await assert.rejects(parseJsonInTurns(members(6), bounds), refusedAs('too much'));
  });

  test('is parsed however deep it is nested', async () => {
    const text = `[1,${'['.repeat(3_000)}1,2${']'.repeat(3_000)},3]`;
    assert.equal(JSON.stringify(await inPieces(text)), text);
  });

  test('lets others in: no stretch of it is long', async () => {
    const text = `[${'{"a":["b","c"]},'.repeat(200_000)}0]`;
    let turns = 0;
    let over = false;
    const count = () => {
      turns += 1;
      if (!over) setImmediate(count);
    };
    setImmediate(count);
    const parsed = (await parseJsonInTurns(text)) as unknown[];
    over = true;
    assert.equal(parsed.length, 200_001);
    assert.ok(turns >= Math.floor(text.length / (2 * standardBounds.piece)), `${turns} turns`);
  });
});
