import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { lintPlanted, type Planted, type Reported } from './house/lint-planted.ts';

// What docs/architecture.md says about who may import whom, said once more, so that a rule that goes missing from
// biome.json is missed here. Everything that is allowed and everything that is not is planted, and the linter asked.

const rooms: Record<string, readonly string[]> = {
  cli: ['domain', 'identity', 'database', 'lib'],
  http: ['domain', 'identity', 'verification', 'coherence', 'lib'],
  jobs: ['domain', 'identity', 'verification', 'coherence', 'lib'],
  domain: ['coherence', 'database', 'lib'],
  verification: ['coherence', 'database', 'lib'],
  identity: ['database', 'lib'],
  coherence: ['database', 'lib'],
  database: ['lib'],
  workers: ['lib'],
  lib: [],
};
const roomNames = Object.keys(rooms);
const entrances = ['app.ts', 'config.ts', 'main.ts'];

const drivers = ['pg', 'pg/lib/client.js', 'node:sqlite'];
const frameworks = [
  'hono',
  'hono/cors',
  '@hono/zod-openapi',
  '@hono/node-server',
  '@hono/node-server/serve-static',
];
/** Rooms that must not know that there is HTTP at all. */
const innermost = ['domain', 'verification', 'lib'];

const forms = [
  (from: string) => `import { thing } from '${from}';`,
  (from: string) => `import type { thing } from '${from}';`,
  (from: string) => `export const load = () => import('${from}');`,
];

/** A file that imports each of these in each form, one to a line, then writes to the console. */
type Importer = Planted & { lines: { text: string; isAllowed: boolean }[] };

function importer(path: string, imports: { from: string; isAllowed: boolean }[]): Importer {
  const lines = imports.flatMap(({ from, isAllowed }) =>
    forms.map((form) => ({ text: form(from), isAllowed })),
  );
  return { path, lines, text: `${lines.map(({ text }) => text).join('\n')}\nconsole.log('x');\n` };
}

function roomImporter(room: string, allowed: readonly string[], below: string): Importer {
  const up = below === '' ? '..' : '../..';
  return importer(`server/src/${room}/${below}importer.ts`, [
    ...roomNames.map((name) => ({
      from: `${up}/${name}/thing.ts`,
      isAllowed: name === room || allowed.includes(name),
    })),
    ...roomNames.map((name) => ({
      from: `${up}/${name}/noun/thing.ts`,
      isAllowed: name === room || allowed.includes(name),
    })),
    ...entrances.map((name) => ({ from: `${up}/${name}`, isAllowed: allowed.includes(name) })),
    ...drivers.map((from) => ({ from, isAllowed: room === 'database' })),
    ...frameworks.map((from) => ({ from, isAllowed: room === 'http' })),
    { from: 'node:http', isAllowed: !innermost.includes(room) },
    { from: 'node:crypto', isAllowed: true },
  ]);
}

const may = (from: string) => ({ from, isAllowed: true });
const mayNot = (from: string) => ({ from, isAllowed: false });

const importers: Record<string, Importer[]> = {
  ...Object.fromEntries(
    Object.entries(rooms).map(([room, allowed]) => [
      `${room}/ imports ${allowed.length > 0 ? `only ${allowed.join(', ')}` : 'nothing'} of the house`,
      ['', 'noun/'].map((below) => roomImporter(room, allowed, below)),
    ]),
  ),
  'app.ts imports every room, but neither main.ts nor a driver': [
    importer('server/src/app.ts', [
      ...roomNames.map((room) => may(`./${room}/thing.ts`)),
      ...['./config.ts', 'hono'].map(may),
      ...['./main.ts', ...drivers].map(mayNot),
    ]),
  ],
  'main.ts imports only app.ts, config.ts, cli/, workers/ and lib/': [
    importer('server/src/main.ts', [
      ...['./app.ts', './config.ts', './cli/thing.ts', './workers/thing.ts', './lib/thing.ts'].map(may),
      ...roomNames
        .filter((room) => !['cli', 'workers', 'lib'].includes(room))
        .map((room) => mayNot(`./${room}/thing.ts`)),
      ...drivers.map(mayNot),
    ]),
  ],
  'dashboard/ imports nothing of the house but sdk/': [
    importer('dashboard/src/pages/importer.ts', [
      ...['@keywright/sdk', './thing.ts', '../thing.ts'].map(may),
      ...['../../../server/src/lib/thing.ts', '@keywright/server', '@keywright/server/thing.ts'].map(mayNot),
    ]),
  ],
  'sdk/ imports nothing of the house': [
    importer('sdk/src/importer.ts', [
      ...['./thing.ts', 'node:crypto'].map(may),
      ...['../../server/src/lib/thing.ts', '../../dashboard/src/thing.ts', '@keywright/server'].map(mayNot),
    ]),
  ],
};

/** What no file may do: rule, file name, text. */
const habits: readonly (readonly [rule: string, file: string, text: string])[] = [
  ['style/noDefaultExport', 'by-default.ts', 'export default 1;'],
  ['performance/noBarrelFile', 'barrel.ts', "export { thing } from './thing.ts';"],
  ['performance/noReExportAll', 'barrel-of-all.ts', "export * from './thing.ts';"],
  ['style/useFilenamingConvention', 'camelCase.ts', 'export const thing = 1;'],
  ['style/useFilenamingConvention', 'snake_case.ts', 'export const thing = 1;'],
  ['style/useFilenamingConvention', 'PascalCase.ts', 'export const thing = 1;'],
  ['suspicious/noImportCycles', 'hen.ts', "import { egg } from './egg.ts';\nexport const hen = () => egg;"],
  ['suspicious/noImportCycles', 'egg.ts', "import { hen } from './hen.ts';\nexport const egg = () => hen;"],
  ['suspicious/noConsole', 'loud.ts', "console.log('x');"],
  ['suspicious/noExplicitAny', 'loose.ts', 'export const thing: any = 1;'],
  ['style/noNonNullAssertion', 'sure.ts', 'export const first = (all: string[]) => all[0]!;'],
  ['style/useImportType', 'wordy.ts', "import { Thing } from './thing.ts';\nexport type Other = Thing;"],
  ['style/useNodejsImportProtocol', 'bare.ts', "import { join } from 'path';\nexport const j = join;"],
  ['correctness/noUnusedImports', 'hoard.ts', "import { join } from 'node:path';"],
  ['correctness/noUnusedVariables', 'forgotten.ts', 'const thing = 1;'],
];
const inDomain = (file: string) => `server/src/domain/${file}`;
const talkative = ['scripts/x.ts', 'bench/x.ts', 'server/test/x.ts', 'e2e/x.ts', 'server/src/cli/x.ts'];

describe('the house', () => {
  let isReported: Reported = () => assert.fail('The linter has not run.');

  before(async () => {
    isReported = await lintPlanted([
      ...Object.values(importers).flat(),
      ...habits.map(([, file, text]) => ({ path: inDomain(file), text: `${text}\n` })),
      ...talkative.map((path) => ({ path, text: "console.log('x');\n" })),
      { path: inDomain('well-behaved.ts'), text: 'export const thing = 1;\n' },
    ]);
  });

  for (const [guarantee, planted] of Object.entries(importers)) {
    it(guarantee, () => {
      const wrong = planted.flatMap(({ path, lines }) =>
        lines
          .filter(
            ({ isAllowed }, index) => isReported('style/noRestrictedImports', path, index + 1) === isAllowed,
          )
          .map(({ text, isAllowed }) => `${path} ${isAllowed ? 'may not' : 'may'} say: ${text}`),
      );
      assert.deepEqual(wrong, []);
    });
  }

  for (const [rule, file] of habits) {
    it(`holds to ${rule}, which ${file} breaks`, () => {
      assert.ok(isReported(rule, inDomain(file)));
      assert.ok(!isReported(rule, inDomain('well-behaved.ts')));
    });
  }

  it('lets only what talks to a person write to the console', () => {
    const silent = [
      'server/src/app.ts',
      ...roomNames.filter((room) => room !== 'cli').map((room) => `server/src/${room}/importer.ts`),
    ];
    const isSilenced = (path: string) => isReported('suspicious/noConsole', path);
    assert.deepEqual([...talkative, 'server/src/main.ts'].filter(isSilenced), []);
    assert.deepEqual(silent.filter(isSilenced), silent);
  });
});
