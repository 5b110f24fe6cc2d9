import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createApi } from '../../src/domain/apis/create-api.ts';
import { createApplication } from '../../src/domain/applications/create-application.ts';
import { createManagementKey } from '../../src/domain/management-keys/create-management-key.ts';
import { createTeam } from '../../src/domain/teams/create-team.ts';
import { contextOf, issueKeys, within } from './open-installation.ts';
import { type Installation, newInstallation } from './run-command.ts';

for (const kind of ['sqlite', 'postgres'] as const) {
  describe(`the lists of the command line [${kind}]`, () => {
    let at: Installation;
    let team: string;
    const names = ['One', 'Two', 'Three'];
    const nouns = ['apis', 'applications', 'api-keys', 'management-keys'];
    const idsIn = (text: string) => text.match(/\b(api|app|key|mk)_[0-9a-z]{26}/g) ?? [];

    before(async () => {
      at = await newInstallation(kind);
      assert.equal((await at.run(['organizations', 'create', 'Acme'])).code, 0);
    });
    after(() => at.close());

    test('without anything in them say how to make the first', async () => {
      for (const noun of nouns) {
        const { code, stdout } = await at.run([noun, 'list']);
        assert.equal(code, 0);
        const made = noun === 'apis' ? 'import' : 'create';
        assert.match(
          stdout,
          new RegExp(`^There are no .* yet\\. (Make one|Issue one): keywright ${noun} ${made} .*<.*\\n$`),
        );
      }
    });

    test('show a page, say how to read on, and have all in the end', async () => {
      await within(at, async (services) => {
        const ctx = await contextOf(services, 'Acme');
        const blue = await createTeam(ctx, { name: 'Blue', mayTouchProductionKeys: false });
        team = blue.result.value.id;
        for (const [name, teamId] of [
          ['One', team],
          ['Two', null],
        ] as const) {
          await createApplication(ctx, { title: name, description: '', teamId });
        }
        await issueKeys(ctx, names);
        for (const name of names) {
          await createApi(ctx, { name, slug: name.toLowerCase(), scopes: [], endpoints: [] });
          await createManagementKey(ctx, { name, scopes: ['teams:read'] });
        }
      });
      for (const noun of nouns) {
        const first = await at.run([noun, 'list', '--limit', '2']);
        const cursor = /^There are more\. Read on with: --cursor (\S+)$/m.exec(first.stdout)?.[1];
        const second = await at.run([noun, 'list', '--limit', '2', '--cursor', String(cursor)]);
        assert.doesNotMatch(second.stdout, /There are more/);
        const all = idsIn((await at.run([noun, 'list'])).stdout);
        assert.equal(all.length, 3, noun);
        assert.deepEqual([...idsIn(first.stdout), ...idsIn(second.stdout)], all, noun);
      }
    });

    test('take every filter that the API takes', async () => {
      const list = async (...args: string[]) => {
        const { body, code } = await at.json(args);
        assert.equal(code, 0);
        return body.data.map((item: { name?: string; title?: string }) => item.name ?? item.title);
      };
      assert.deepEqual(await list('apis', 'list', '--slug', 'two'), ['Two']);
      assert.deepEqual(await list('applications', 'list', '--team', team), ['One']);
      assert.deepEqual(await list('applications', 'list', '--query', 'tw'), ['Two']);
      const ofSystem = ['api-keys', 'list', '--created-by', 'system', '--environment', 'production'];
      assert.deepEqual(await list(...ofSystem, '--sort', 'name'), ['One', 'Three', 'Two']);
    });

    test('that a filter leaves empty say which to leave out', async () => {
      const { stdout } = await at.run(['api-keys', 'list', '--status', 'revoked', '--created-by', 'nobody']);
      assert.equal(stdout, 'None is like this. Leave --status and --created-by out to see all.\n');
    });

    test('refuse what is no filter by the name of the option', async () => {
      const { code, stdout, stderr } = await at.run([
        ...['api-keys', 'list', '--status', 'gone', '--application', 'x', '--limit', '0', '--cursor', '%'],
      ]);
      assert.deepEqual([code, stdout], [1, '']);
      for (const option of ['--status', '--application', '--limit']) {
        assert.match(stderr, new RegExp(`^  ${option}: must be `, 'm'));
      }
      const cursor = await at.run(['management-keys', 'list', '--cursor', '%']);
      assert.match(cursor.stderr, /^ {2}--cursor: is not a cursor of this list/m);
    });
  });
}
