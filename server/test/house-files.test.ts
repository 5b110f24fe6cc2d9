import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

// What stands in the files of the project, ours and no library's.

const root = dirname(fileURLToPath(new URL('..', import.meta.url)));
const code = find('{server,sdk,dashboard,bench,e2e,scripts}/**/*.{ts,tsx}');
const texts = [...code, ...find('docs/**/*.{md,conf}'), ...find('*.md')];
const itself = relative(root, fileURLToPath(import.meta.url));
const longest = 300;

/** Names that others gave: OAuth and OpenAPI, and a setting of nginx. */
const ofOthers = new Set([
  'access_token',
  'invalid_token',
  'refresh_token',
  'scope-token',
  'server_tokens',
  'tokenUrl',
  'token_endpoint',
  'token_type',
]);

function find(pattern: string): string[] {
  return globSync(pattern, { cwd: root, exclude: (name) => /(^|\/)(node_modules|dist|data)$/.test(name) });
}

/** What the glossary calls otherwise: a secret, an API key, a management key. */
function strayWords(text: string): string[] {
  return (text.match(/[\w-]*token[\w-]*/gi) ?? []).filter((word) => !ofOthers.has(word));
}

const read = (path: string) => readFileSync(`${root}/${path}`, 'utf8');

describe('the files of the house', () => {
  it('are found', () => {
    assert.ok(code.includes(itself) && code.includes('server/src/main.ts') && texts.includes('README.md'));
    assert.ok(!texts.some((path) => path.includes('node_modules')));
  });

  it(`have at most ${longest} lines`, () => {
    const linesOf = (path: string) => read(path).trimEnd().split('\n').length;
    assert.deepEqual(
      code.filter((path) => linesOf(path) > longest),
      [],
    );
  });

  it('say token only where OAuth, OpenAPI or nginx do', () => {
    assert.deepEqual(strayWords('a Token, drawCheckedToken, not invalid_token'), [
      'Token',
      'drawCheckedToken',
    ]);
    const stray = texts
      .filter((path) => path !== itself && path !== 'docs/glossary.md')
      .flatMap((path) => strayWords(read(path)).map((word) => `${path}: ${word}`));
    assert.deepEqual(stray, []);
  });
});
