import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';

const EVERYTHING = ['server/test/**/*.test.ts', 'e2e/**/*.test.ts'];

export type TestArguments = {
  files: string[];
  /** For `node --test`. */
  options: string[];
  /** Whether files were named: then only these are wanted, without the check. */
  isSelection: boolean;
};

/**
 * Reads what follows `npm test --`: files, folders and patterns; `--name x` for tests by name; the rest, as
 * `--option=value`, is for `node --test`.
 * @throws Error for a file that is none: a run of nothing must not look like a success
 */
export function readTestArguments(args: readonly string[]): TestArguments {
  const options: string[] = [];
  const patterns: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const [name = '', value] = (args[index] ?? '').split(/=(.*)/s);
    if (name === '--name') {
      index += value === undefined ? 1 : 0;
      const wanted = value ?? args[index];
      if (!wanted) throw new Error('--name needs a part of a test’s name: npm test -- --name revoke');
      options.push(`--test-name-pattern=${wanted}`);
    } else if (name.startsWith('-')) {
      options.push(args[index] ?? '');
    } else {
      patterns.push(args[index] ?? '');
    }
  }
  const files = patterns.flatMap(expand);
  return {
    files: patterns.length > 0 ? files : globSync(EVERYTHING).sort(),
    options,
    isSelection: patterns.length > 0,
  };
}

function expand(pattern: string): string[] {
  const isFolder = statSync(pattern, { throwIfNoEntry: false })?.isDirectory();
  const files = globSync(isFolder ? join(pattern, '**/*.test.ts') : pattern).sort();
  if (files.length === 0) throw new Error(`There is no test at ${pattern}.`);
  return files;
}
