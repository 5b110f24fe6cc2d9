import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compileTemplate } from '../../src/lib/path-template.ts';
import { normalizePath } from '../../src/lib/raw-path.ts';

function compiled(template: string) {
  const result = compileTemplate(template);
  assert.ok(result.ok, result.ok ? '' : result.message);
  return result.template;
}

describe('compileTemplate takes', () => {
  const table: [template: string, segments: (string | null)[], shape: string][] = [
    ['/', [''], '/'],
    ['/users', ['users'], '/users'],
    ['/users/', ['users', ''], '/users/'],
    ['/users/{id}', ['users', null], '/users/{}'],
    ['/users/{user id}', ['users', null], '/users/{}'],
    ['/{a}/{b}', [null, null], '/{}/{}'],
    ['/users/:id', ['users', ':id'], '/users/:id'],
    ['/files/*', ['files', '*'], '/files/*'],
    ['/a(b)', ['a(b)'], '/a(b)'],
    ['/v1/me:cancel', ['v1', 'me:cancel'], '/v1/me:cancel'],
    ['/%61', ['a'], '/a'],
    ['/café', ['caf%C3%A9'], '/caf%C3%A9'],
    ['/caf%c3%a9', ['caf%C3%A9'], '/caf%C3%A9'],
    ['/a b', ['a%20b'], '/a%20b'],
    ['/c%23', ['c%23'], '/c%23'],
  ];
  for (const [template, segments, shape] of table) {
    it(template, () => assert.deepEqual(compiled(template), { segments, shape }));
  }
});

describe('compileTemplate takes as literal characters, braces and all, a segment that is not exactly one parameter:', () => {
  const partial = [
    '{base}...{head}',
    '{id}.json',
    'users({id})',
    '{a}{b}',
    '{id:[0-9]+}',
    'a{',
    '}',
    '{{id}}',
    '{a}:undo',
  ];
  for (const segment of partial) {
    it(segment, () => {
      const { segments } = compiled(`/x/${segment}`);
      assert.deepEqual(segments, normalizePath(`/x/${segment}`));
      assert.ok(segments[1]?.includes('%7B') || segments[1]?.includes('%7D'));
    });
  }
});

describe('compileTemplate gives templates one shape', () => {
  it('that differ only in parameter names', () => {
    assert.equal(compiled('/a/{x}/b/{y}').shape, compiled('/a/{id}/b/{other_id}').shape);
  });

  it('that differ only in how their literals are encoded', () => {
    assert.equal(compiled('/%61/é').shape, compiled('/a/%c3%A9').shape);
  });

  it('and no others: a literal cannot look like a parameter', () => {
    const shapes = ['/a/{x}', '/a/%7Bx%7D', '/a/{}x', '/a/b', '/a/', '/a', '/{x}/a', '/a/{x}/'].map(
      (template) => compiled(template).shape,
    );
    assert.equal(new Set(shapes).size, shapes.length);
  });
});

describe('compileTemplate refuses, naming the remedy,', () => {
  const table: [template: string, remedy: RegExp][] = [
    ['', /start with "\/"/],
    ['users', /start with "\/"/],
    ['https://api.example.com/users', /start with "\/"/],
    ['/users?page={page}', /leave out "\?"/],
    ['/users{?page}', /leave out "\?"/],
    ['/#Action=List', /leave out "#"/],
    ['/a\\b', /write "\/" instead of/],
    ['/a;v=1', /leave out ";"/],
    ['/a\n', /control characters/],
    ['/{a\u0000}', /control characters/],
    ['/a//b', /empty segment/],
    ['//', /empty segment/],
    ['/a/../b', /"\." and "\.\."/],
    ['/./a', /"\." and "\.\."/],
    ['/%2e%2E/a', /"\." and "\.\."/],
    ['/a/%2e', /"\." and "\.\."/],
    ['/a/{}', /a name/],
    ['/a%2Fb', /remove encoded "\/"/],
    ['/a%5cb', /remove encoded/],
    ['/a%25b', /remove encoded/],
    ['/a%3Bb', /remove encoded/],
    ['/a%00', /remove encoded/],
    ['/100%', /two hex digits/],
    ['/%ff', /two hex digits of UTF-8/],
    ['/a%3Ab', /write "a:b" instead of "a%3Ab"/],
    ['/\ud800', /broken character/],
    ['/{\ud800}', /broken character/],
    [`/${'a'.repeat(2000)}`, /at most 2000/],
    [`/${'é'.repeat(500)}`, /at most 2000/],
  ];
  for (const [template, remedy] of table) {
    it(JSON.stringify(template.slice(0, 40)), () => {
      const result = compileTemplate(template);
      assert.ok(!result.ok);
      assert.match(result.message, /^path: /);
      assert.match(result.message, remedy);
    });
  }
});

describe('compileTemplate', () => {
  const piece = fc.constantFrom(
    ...['/', '/', '{x}', '{', '}', 'a', '.', '%2e', '%41', '%2F', '%3a', ':', 'é', '%', ';', '?', '😀'],
  );
  const template = fc.array(piece, { maxLength: 10 }).map((pieces) => `/${pieces.join('')}`);

  it('takes a template without parameters exactly if the same text as a path would pass, up to reserved characters', () => {
    fc.assert(
      fc.property(template, (text) => {
        const hasParameter = text.split('/').some((segment) => /^\{[^{}:]*\}$/.test(segment));
        fc.pre(!hasParameter && !text.includes('?') && !text.includes('%3a'));
        const result = compileTemplate(text);
        assert.deepEqual(result.ok ? result.template.segments : null, normalizePath(text));
      }),
      { numRuns: 5000 },
    );
  });

  it('gives a shape that compiles to the same segments', () => {
    fc.assert(
      fc.property(template, (text) => {
        const result = compileTemplate(text);
        fc.pre(result.ok);
        assert.deepEqual(compiled(result.template.shape.replaceAll('{}', '{x}')), result.template);
      }),
      { numRuns: 5000 },
    );
  });

  it('never throws, whatever the string', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void compileTemplate(`/${text}`)));
  });
});
