import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalSegment, decodeReserved } from '../../src/lib/path-segment.ts';
import { normalizePath } from '../../src/lib/raw-path.ts';

/** Pieces of paths, chosen so that dangerous neighbours come up often. */
const piece = fc.constantFrom(
  ...[
    '/',
    '/',
    '/',
    'a',
    'b',
    '.',
    '..',
    '%2e',
    '%2E',
    '%2f',
    '%5c',
    '%25',
    '%00',
    '%0a',
    '%c3',
    '%a9',
    '%C3%A9',
  ],
  ...[
    'é',
    '%',
    '%4',
    '%41',
    '%7e',
    '~',
    ':',
    '%3a',
    '%3A',
    ';',
    '%3b',
    '#',
    '%23',
    '?',
    '%3f',
    '\\',
    ' ',
    '%20',
    '+',
  ],
  ...[
    '{',
    '}',
    '%7B',
    '\u0000',
    '\u007f',
    '\u0085',
    '\ud800',
    '😀',
    '%F0%9F%98%80',
    '%c0%ae',
    '%ed%a0%80',
    '*',
    '(',
  ],
);
const path = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`);

describe('normalizePath gives the segments of', () => {
  const table: [raw: string, segments: string[]][] = [
    ['/', ['']],
    ['/a', ['a']],
    ['/a/b', ['a', 'b']],
    ['/a/', ['a', '']],
    ['/a/b?c=d', ['a', 'b']],
    ['/a?b?c', ['a']],
    ['/a?//../;%2F#', ['a']],
    ['/?', ['']],
    ['/%61/%7Eb%2d%5f', ['a', '~b-_']],
    ['/a%20b', ['a%20b']],
    ['/a b', ['a%20b']],
    ['/caf%c3%a9', ['caf%C3%A9']],
    ['/caf%C3%A9', ['caf%C3%A9']],
    ['/café', ['caf%C3%A9']],
    ['/😀', ['%F0%9F%98%80']],
    ['/a:b@c', ['a:b@c']],
    ['/a%3ab%40c', ['a%3Ab%40c']],
    ['/c%23', ['c%23']],
    ['/why%3f', ['why%3F']],
    ['/[1]', ['%5B1%5D']],
    ['/{id}', ['%7Bid%7D']],
    ['/...', ['...']],
    ['/.hidden', ['.hidden']],
    ['/a..b', ['a..b']],
    ["/!$&'()*+,=", ["!$&'()*+,="]],
  ];
  for (const [raw, segments] of table) {
    it(JSON.stringify(raw), () => assert.deepEqual(normalizePath(raw), segments));
  }
});

describe('normalizePath denies', () => {
  const table: [what: string, raws: string[]][] = [
    [
      'what does not start with a slash',
      ['', 'a', '*', '?', 'http://host/a', 'HTTPS://host/', 'host:443', ' /a'],
    ],
    ['dot segments', ['/.', '/..', '/a/.', '/a/../b', '/./a', '/a/..?x', '/../']],
    ['dot segments in any encoding', ['/%2e', '/%2E%2e', '/.%2e', '/a/%2e%2E/b', '/a/%2e/']],
    ['empty segments', ['//', '//a', '/a//', '/a//b', '///']],
    ['an encoded slash', ['/a%2Fb', '/a%2fb', '/%2f', '/..%2f', '/%2e%2e%2f']],
    ['a backslash, raw or encoded', ['/a\\b', '/a%5Cb', '/a%5cb', '/..\\a']],
    ['an encoded percent sign, so nothing is decoded twice', ['/%25', '/%252e%252e', '/%252F', '/a%2541']],
    ['a semicolon, raw or encoded', ['/a;b', '/a;', '/;/a', '/a%3Bb', '/a%3b']],
    ['a raw number sign', ['/#', '/a#b', '/a/#/b']],
    [
      'control characters, raw or encoded',
      ['/\u0000', '/a\n', '/a\tb', '/\u007f', '/\u0085', '/%00', '/%0a', '/%0D', '/%1f', '/%7F', '/%C2%85'],
    ],
    [
      'a percent sign without two hex digits',
      ['/%', '/%4', '/%4g', '/%g4', '/a%', '/%u0041', '/%%41', '/%2%65'],
    ],
    [
      'bytes that are not UTF-8',
      ['/%ff', '/%c3', '/%a9', '/%c0%ae', '/%c0%af', '/%e0%80%ae', '/%ed%a0%80', '/%f4%90%80%80', '/%C3é'],
    ],
    ['lone surrogates', ['/\ud800', '/\udc00a', '/a\udfff\ud800']],
  ];
  for (const [what, raws] of table) {
    it(what, () => {
      for (const raw of raws) assert.equal(normalizePath(raw), null, JSON.stringify(raw));
    });
  }

  it('a path of more than 8192 characters, and does not count the query', () => {
    assert.equal(normalizePath(`/${'a'.repeat(8191)}`)?.length, 1);
    assert.equal(normalizePath(`/${'a'.repeat(8192)}`), null);
    assert.deepEqual(normalizePath(`/a?${'b'.repeat(100_000)}`), ['a']);
  });
});

describe('normalizePath', () => {
  it('is idempotent: its result, joined, normalizes to itself', () => {
    fc.assert(
      fc.property(path, (raw) => {
        const once = normalizePath(raw);
        fc.pre(once !== null);
        assert.deepEqual(normalizePath(`/${once.join('/')}`), once);
      }),
      { numRuns: 5000 },
    );
  });

  it('keeps what a server that decodes everything once would read, segment by segment', () => {
    fc.assert(
      fc.property(path, (raw) => {
        const segments = normalizePath(raw);
        fc.pre(segments !== null);
        const read = decodeURIComponent(raw.split('?')[0] ?? '').split('/');
        assert.deepEqual(['', ...segments.map(decodeURIComponent)], read);
      }),
      { numRuns: 5000 },
    );
  });

  it('leaves nothing that a second decoding, a servlet container or Windows could read as another path', () => {
    fc.assert(
      fc.property(path, (raw) => {
        for (const segment of normalizePath(raw) ?? []) {
          assert.match(segment, /^(?:[A-Za-z0-9\-._~!$&'()*+,=:@]|%[0-9A-F]{2})*$/);
          const decoded = decodeURIComponent(segment);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
          assert.doesNotMatch(decoded, /[/\\;%\u0000-\u001f\u007f-\u009f]/);
          assert.ok(decoded !== '.' && decoded !== '..');
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('never throws, whatever the string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        normalizePath(text);
        normalizePath(`/${text}`);
      }),
    );
  });
});

describe('canonicalSegment', () => {
  it('is the same for every spelling of a segment in unreserved and non-ASCII characters', () => {
    const character = fc.constantFrom(...'azAZ09-_~é€😀 "<>[]^`{|}');
    const hexOf = (text: string) =>
      [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    const spelled = fc.tuple(character, fc.constantFrom('raw', 'lower', 'upper'));
    fc.assert(
      fc.property(fc.array(spelled, { minLength: 1 }), (characters) => {
        const plain = characters.map(([text]) => text).join('');
        const written = characters.map(([text, how]) =>
          how === 'raw' ? text : how === 'lower' ? hexOf(text) : hexOf(text).toUpperCase(),
        );
        assert.notEqual(canonicalSegment(plain), null);
        assert.equal(canonicalSegment(written.join('')), canonicalSegment(plain));
      }),
    );
  });

  it('keeps an encoded reserved character apart from the raw one, and decodeReserved joins them', () => {
    for (const character of "!$&'()*+,=:@") {
      const encoded = `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
      assert.equal(canonicalSegment(character), character);
      assert.equal(canonicalSegment(encoded), encoded);
      assert.equal(canonicalSegment(encoded.toLowerCase()), encoded);
      assert.equal(decodeReserved(encoded), character);
    }
    assert.equal(decodeReserved('%23%3F%20%C3%A9%5B'), '%23%3F%20%C3%A9%5B');
  });
});
