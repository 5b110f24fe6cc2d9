import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import type { Command } from 'commander';
import { buildProgram } from '../server/src/cli/build-program.ts';
import { readConfig } from '../server/src/config.ts';

const repository = resolve(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(repository, path), 'utf8');

describe('the settings of docs/operations.md', () => {
  const page = read('docs/operations.md');

  test('every setting that is read has a row, and every row is of a setting that is read', () => {
    const asked = new Set<string>();
    const environment = new Proxy<Record<string, string>>(
      {},
      {
        get: (_, name) => {
          asked.add(String(name));
          return undefined;
        },
      },
    );
    readConfig(environment, () => undefined);
    const rows = [...page.matchAll(/^\| `(KEYWRIGHT_[A-Z_]+)` \|/gm)].map((match) => String(match[1]));
    assert.deepEqual(rows.sort(), [...asked].sort());
  });

  test('the names that it calls reserved are not warned of, and others are', () => {
    const reserved = [...(/Reserved\s[^.]*\./.exec(page)?.[0] ?? '').matchAll(/`([A-Z_]+)`/g)];
    assert.ok(reserved.length > 0);
    const warnings: string[] = [];
    const names = reserved.map((match) => [`KEYWRIGHT_${match[1]}`, 'x']);
    readConfig(Object.fromEntries([...names, ['KEYWRIGHT_PROT', 'x']]), (warning) => warnings.push(warning));
    assert.deepEqual(
      warnings.map((warning) => warning.split(' ')[0]),
      ['KEYWRIGHT_PROT'],
    );
  });
});

describe('the commands that README and docs show', () => {
  const program = buildProgram({
    open: () => Promise.reject(new Error('no command is run here')),
    start: () => Promise.reject(new Error('no command is run here')),
    readSettings: () => {
      throw new Error('no command is run here');
    },
    clock: () => 0,
    random: (size) => new Uint8Array(size),
  });

  for (const file of ['README.md', ...globSync('docs/**/*.md', { cwd: repository })]) {
    const shown = findCommands(read(file));
    if (shown.length === 0) continue;
    test(`${file}: each of them exists, with its options`, () => {
      for (const words of shown) assertExists(program, words);
    });
  }

  test('some are found in README, and what does not exist would be noticed', () => {
    assert.ok(findCommands(read('README.md')).length >= 8);
    for (const wrong of ['api-keys forget', 'restart', 'restore x.db --forget']) {
      assert.throws(() => assertExists(program, wrong.split(' ')), assert.AssertionError);
    }
  });
});

/** Each command as its words, without `keywright`: from code spans and blocks, where it stands as a command. */
function findCommands(markdown: string): string[][] {
  const blocks = [...markdown.matchAll(/^```.*\n([\s\S]*?)^```|^((?: {4}.*\n)+)/gm)];
  const lines = blocks.flatMap((match) => (match[1] ?? match[2] ?? '').replaceAll('\\\n', ' ').split('\n'));
  const spans = [...markdown.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`]+)`/g)].map(
    (match) => match[1] ?? '',
  );
  return [...lines, ...spans].flatMap((text) => {
    const found = /(?:^|\$\(|[|;&] )\s*(?:npm run -s )?keywright (?:-- )?((?:--json )?[a-z].*)$/.exec(text);
    // What comes after the command in the same line: another one, or a remark.
    const words = found?.[1]?.split(/ \||\)| #| >/)[0]?.trim();
    return words === undefined ? [] : [words.split(/\s+/).filter((word) => word !== '--json')];
  });
}

function assertExists(program: Command, words: readonly string[]): void {
  let command = program;
  let at = 0;
  while (command.commands.length > 0) {
    const next = command.commands.find((one) => one.name() === words[at]);
    assert.ok(next !== undefined || (at > 0 && words[at] === undefined), `keywright ${words.join(' ')}`);
    if (next === undefined) return;
    command = next;
    at++;
  }
  for (const option of words.slice(at).filter((word) => word.startsWith('--'))) {
    assert.ok(
      command.options.some((one) => one.long === option),
      `keywright ${words.join(' ')}: ${option}`,
    );
  }
}
