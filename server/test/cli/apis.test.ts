import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Installation, newInstallation } from './run-command.ts';

const yaml = (paths: string[]) =>
  [
    'openapi: 3.1.0',
    'info: { title: The Shop, version: "1" }',
    'paths:',
    ...paths.map((path) => `  ${path}: { get: { responses: { "200": { description: Done } } } }`),
  ].join('\n');

for (const kind of ['sqlite', 'postgres'] as const) {
  describe(`keywright apis [${kind}]`, () => {
    let at: Installation;
    before(async () => {
      at = await newInstallation(kind);
    });
    after(() => at.close());
    const write = (name: string, text: string | Buffer) => {
      writeFileSync(join(at.folder, name), text);
      return name;
    };

    test('import, before there is an organization, says how to make one', async () => {
      const { code, stderr } = await at.run([
        'apis',
        'import',
        write('shop.yaml', yaml(['/a'])),
        '--slug',
        'shop',
      ]);
      assert.equal(code, 1);
      assert.match(stderr, /keywright organizations create/);
      assert.equal((await at.run(['organizations', 'create', 'Acme'])).code, 0);
    });

    test('import makes an API and says in plain words what it did', async () => {
      const file = write('shop.yaml', yaml(['/things', '/things/{id}']));
      const { code, stdout, stderr } = await at.run(['apis', 'import', file, '--slug', 'shop']);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^Made: The Shop \(shop\), api_\w{26}\n/);
      assert.match(stdout, /Endpoints: 2 added, 0 changed, 0 removed; 2 now\./);
      assert.match(stdout, /^ {2}\+ GET \/things\/\{id\}$/m);
      assert.match(stdout, /^Scopes: shop:read, shop:full$/m);
    });

    test('import again, from standard input, prints the report with --json and nothing else', async () => {
      const args = ['--json', 'apis', 'import', '-', '--slug', 'shop', '--name', 'Renamed'];
      const { code, stdout } = await at.run(args, {}, yaml(['/things', '/fresh']));
      assert.equal(code, 0);
      const { api, report, propagation } = JSON.parse(stdout);
      assert.deepEqual([api.name, api.slug], ['Renamed', 'shop']);
      assert.deepEqual(report.added, [{ method: 'GET', path: '/fresh' }]);
      assert.deepEqual(report.removed, [{ method: 'GET', path: '/things/{id}' }]);
      assert.deepEqual(Object.keys(propagation), ['verifiers', 'milliseconds']);
    });

    test('--no-proposed-scopes leaves the API without scopes', async () => {
      const file = write('bare.yaml', yaml(['/things']));
      const { body } = await at.json(['apis', 'import', file, '--slug', 'bare', '--no-proposed-scopes']);
      assert.deepEqual(body.api.scopes, []);
    });

    test('of a long report the beginning is shown, and how much more there is', async () => {
      const file = write('long.yaml', yaml(Array.from({ length: 30 }, (_, index) => `/p${index}`)));
      const { stdout } = await at.run(['apis', 'import', file, '--slug', 'long']);
      assert.match(stdout, /\+ GET \/p19\n {2}and 10 more; --json lists them all\n/);
    });

    test('list shows the APIs newest first, show takes an id or a slug', async () => {
      const { body } = await at.json(['apis', 'list']);
      assert.deepEqual(
        body.data.map((api: { slug: string; endpointCount: number }) => [api.slug, api.endpointCount]),
        [
          ['long', 30],
          ['bare', 1],
          ['shop', 2],
        ],
      );
      const { stdout } = await at.run(['apis', 'list']);
      assert.match(stdout, /^api_\w{26} {2}long .* 30 endpoints /m);
      const bySlug = await at.json(['apis', 'show', 'shop']);
      const byId = await at.json(['apis', 'show', bySlug.body.id]);
      assert.deepEqual(byId.body, bySlug.body);
      const shown = await at.run(['apis', 'show', 'shop']);
      assert.match(shown.stdout, /^Renamed \(shop\), api_/);
      assert.match(shown.stdout, /^ {2}ep_\w{26} {2}GET +\/fresh {2}\(shop:read\)$/m);
    });

    test('delete removes the API, and says so only once', async () => {
      const { body } = await at.json(['apis', 'show', 'bare']);
      const { code, stdout } = await at.run(['apis', 'delete', body.id]);
      assert.equal(code, 0);
      const said = `Deleted ${body.id}: no key passes there any more.\nEvery verifier sees it from now on.\n`;
      assert.equal(stdout, said);
      const again = await at.run(['apis', 'delete', body.id]);
      assert.deepEqual([again.code, again.stdout], [1, '']);
      assert.match(again.stderr, /no API with this id/);
      assert.match((await at.run(['apis', 'show', 'bare'])).stderr, /no API with the slug bare/);
    });

    test('what cannot be imported is refused with the place and the remedy, on standard error', async () => {
      const refused = async (file: string, pattern: RegExp, ...more: string[]) => {
        const { code, stdout, stderr } = await at.run(['apis', 'import', file, '--slug', 'shop', ...more]);
        assert.deepEqual([code, stdout], [1, ''], file);
        assert.match(stderr, pattern);
      };
      await refused('missing.yaml', /missing\.yaml cannot be read \(ENOENT\)/);
      await refused('.', /cannot be read \(EISDIR\)/);
      await refused(write('latin.yaml', Buffer.from([0x61, 0xe9])), /latin\.yaml is not text in UTF-8/);
      await refused(write('broken.yaml', 'openapi: 3.1.0\ninfo: ['), /[Ll]ine 2/);
      await refused(write('big.json', Buffer.alloc(16_000_001, ' ')), /larger than 16000000 bytes/);
      await refused(write('fine.yaml', yaml(['/a'])), /slug: must have 1 to 63/, '--slug', 'No Slug');
    });

    test('a missing --slug is a wrong command line: exit code 2', async () => {
      assert.equal((await at.run(['apis', 'import', 'shop.yaml'])).code, 2);
    });
  });
}
