import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildOpenApiDocument } from '../server/src/http/openapi-document.ts';

// docs/openapi.json is what others write against: a change of it has to be seen in a review, so the file is kept
// in the repository and compared with what the program would serve. `--write` brings it up to date.

const documentPath = fileURLToPath(new URL('../docs/openapi.json', import.meta.url));
const remedy = 'Run `npm run check -- --write`, look at the difference and commit it.';

/** Objects with their keys in order, so that registering routes in another order is no difference. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}

function firstDifference(expected: string, found: string): string {
  const [a, b] = [expected.split('\n'), found.split('\n')];
  const line = a.findIndex((text, index) => text !== b[index]);
  const at = line === -1 ? a.length : line;
  return `line ${at + 1}: the program says ${(a[at] ?? '(end)').trim()}, the file ${(b[at] ?? '(end)').trim()}`;
}

const expected = `${JSON.stringify(sortKeys(buildOpenApiDocument()), null, 2)}\n`;
const found = existsSync(documentPath) ? readFileSync(documentPath, 'utf8') : undefined;
if (expected !== found && process.argv.includes('--write')) {
  writeFileSync(documentPath, expected);
  console.log('docs/openapi.json was brought up to date.');
} else if (expected !== found) {
  const what =
    found === undefined
      ? 'is missing'
      : `is not what the program serves (${firstDifference(expected, found)})`;
  console.error(`docs/openapi.json ${what}. ${remedy}`);
  process.exitCode = 1;
}
