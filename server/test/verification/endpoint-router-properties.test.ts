import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { router } from './router.ts';

describe('GitHub’s own description', () => {
  type Description = { paths: Record<string, Record<string, unknown>> };
  const description: Description = createRequire(import.meta.url)('@octokit/openapi').schemas[
    'api.github.com'
  ];
  const operations = Object.entries(description.paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((key) => /^(get|put|post|patch|delete|head|options)$/.test(key))
      .map((method): [string, string] => [method.toUpperCase(), path]),
  );
  const { match } = router(...operations);

  it('compiles whole, and every operation is found by a path made from its template', () => {
    assert.ok(operations.length > 1000);
    for (const [method, path] of operations) {
      const made = path.replace(/(?<=\/)\{[^{}]+\}(?=\/|$)/g, 'Z~1');
      assert.equal(match(method, made)?.id, `${method} ${path}`);
    }
  });

  it('finds what people call, literal before parameter', () => {
    assert.equal(
      match('GET', '/repos/nodejs/node/issues/comments')?.id,
      'GET /repos/{owner}/{repo}/issues/comments',
    );
    assert.equal(
      match('GET', '/repos/nodejs/node/issues/1?page=2')?.id,
      'GET /repos/{owner}/{repo}/issues/{issue_number}',
    );
    // `/compare/{base}...{head}` is in the document too, with braces in a literal: it takes nothing away from this one.
    assert.equal(
      match('GET', '/repos/nodejs/node/compare/main...dev')?.id,
      'GET /repos/{owner}/{repo}/compare/{basehead}',
    );
  });
});

describe('whatever is encoded', () => {
  const word = fc.constantFrom('a', 'b', 'a:b', 'é', 'x y');
  const spelling = fc.constantFrom<(text: string) => string>(
    (text) => text,
    (text) => encodeURIComponent(text),
    (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
    (text) => text.replace(/^a/, '%61'),
    (text) => text.replace(':', '%3a'),
  );
  const oddity = fc.constantFrom(
    '..',
    '%2e',
    '%2F',
    '%2e%2e%2f',
    '',
    '.',
    ';',
    '%25',
    '%5c',
    '\\',
    '?',
    '#',
    '%00',
    '{x}',
    'a/b',
    '%c0%ae',
  );
  const segment = fc.oneof(
    { weight: 8, arbitrary: fc.tuple(word, spelling).map(([text, spell]) => spell(text)) },
    { weight: 1, arbitrary: oddity },
    { weight: 1, arbitrary: fc.tuple(word, oddity).map(([text, odd]) => text + odd) },
  );
  const target = fc
    .array(segment, { minLength: 1, maxLength: 4 })
    .map((segments) => `/${segments.join('/')}`);
  const templates = fc.uniqueArray(
    fc
      .array(fc.oneof(word, fc.constant('{p}')), { minLength: 1, maxLength: 4 })
      .map((segments) => `/${segments.join('/')}`),
    { minLength: 1, maxLength: 12 },
  );

  /** What a server makes of the path that decodes everything once, after splitting at `/`. */
  function read(path: string): string[] {
    return (path.split('?')[0] ?? '').slice(1).split('/').map(decodeURIComponent);
  }

  function says(template: string, segments: readonly string[]): boolean {
    const parts = template.slice(1).split('/');
    return (
      parts.length === segments.length &&
      parts.every((part, at) => (part === '{p}' ? segments[at] !== '' : part === segments[at]))
    );
  }

  /** Smaller is literal further left. */
  function rank(template: string): string {
    return template
      .slice(1)
      .split('/')
      .map((part) => (part === '{p}' ? '1' : '0'))
      .join('');
  }

  it('a path never matches more than its template says, and the best template of all wins', () => {
    let matched = 0;
    fc.assert(
      fc.property(templates, target, (paths, raw) => {
        const found = router(...paths).match('GET', raw);
        fc.pre(found !== null);
        matched++;
        const segments = read(raw);
        const candidates = paths.filter((template) => says(template, segments));
        const best = candidates.toSorted((a, b) => rank(a).localeCompare(rank(b)))[0];
        assert.equal(found.id, `GET ${best}`);
        for (const text of segments) assert.doesNotMatch(text, /[/\\;%]|^\.{0,2}$/);
      }),
      { numRuns: 3000 },
    );
    assert.ok(matched > 1000);
  });

  it('a path in plain words is found exactly where some template says so', () => {
    fc.assert(
      fc.property(templates, fc.array(word, { minLength: 1, maxLength: 4 }), (paths, words) => {
        const found = router(...paths).match('GET', `/${words.join('/')}`) !== null;
        assert.equal(
          found,
          paths.some((template) => says(template, words)),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('and whatever the string is, nothing is thrown', () => {
    const { match } = router('/{a}', '/{a}/{b}', '/a/');
    const text = fc.string({ unit: 'binary' });
    fc.assert(fc.property(text, text, (method, path) => void match(method, `/${path}`)));
  });
});
