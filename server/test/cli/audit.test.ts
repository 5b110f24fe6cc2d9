import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openDatabase } from '../../src/database/open.ts';
import { type Installation, newInstallation } from './run-command.ts';

for (const kind of ['sqlite', 'postgres'] as const) {
  describe(`keywright audit [${kind}]`, () => {
    let at: Installation;
    before(async () => {
      at = await newInstallation(kind);
      for (const name of ['First', 'Second']) {
        assert.equal((await at.run(['organizations', 'create', name])).code, 0);
        await at.run(['management-keys', 'create', '--organization', name, '--name', 'CI', '--scope', '*']);
      }
    });
    after(() => at.close());

    const tamper = async (statement: (database: ReturnType<typeof openDatabase>) => Promise<unknown>) => {
      const url = at.environment.KEYWRIGHT_DATABASE_URL;
      const path = join(String(at.environment.KEYWRIGHT_DATA_DIR), 'keywright.db');
      const database = openDatabase(url === undefined ? { path } : { url }, () => undefined);
      await statement(database);
      await database.close();
    };

    test('verify says of every chain that it is whole, and exits 0', async () => {
      const { code, body } = await at.json(['audit', 'verify']);
      assert.equal(code, 0);
      assert.equal(body.ok, true);
      assert.deepEqual(
        body.chains.map((chain: { chain: string; events: number }) => [
          chain.chain.replace(/_.*/, ''),
          chain.events,
        ]),
        [
          ['installation', 2],
          ['org', 1],
          ['org', 1],
        ],
      );
      assert.match(
        (await at.run(['audit', 'verify', '--installation'])).stdout,
        /^installation: whole, 2 events/,
      );
      assert.match(
        (await at.run(['audit', 'verify', '--organization', 'First'])).stdout,
        /^org_\w+: whole, 1 event\n$/,
      );
    });

    test('head prints one line a chain, which verify takes back', async () => {
      const { code, stdout } = await at.run(['audit', 'head']);
      assert.equal(code, 0);
      assert.match(stdout, /^installation 2:[0-9a-f]{64}\n(org_\w{26} 1:[0-9a-f]{64}\n){2}$/);
      const file = join(at.folder, 'heads');
      writeFileSync(file, `# kept elsewhere\n${stdout}`);
      assert.equal((await at.run(['audit', 'verify', '--heads', file])).code, 0);
      const head = String(/^installation (\S+)$/m.exec(stdout)?.[1]);
      assert.equal((await at.run(['audit', 'verify', '--installation', '--head', head])).code, 0);
      writeFileSync(file, `org_01jd0c8rkee1t9n9p5mj6x2q7v ${head}\n`);
      const gone = await at.run(['audit', 'verify', '--heads', file]);
      assert.equal(gone.code, 1);
      assert.match(gone.stdout, /org_01jd0c8rkee1t9n9p5mj6x2q7v: BROKEN \(head_disagrees\)/);
    });

    test('a wrong question is refused with the remedy, and exits 1', async () => {
      const wrong: [string[], RegExp][] = [
        [['--head', `2:${'0'.repeat(64)}`], /--head is of one chain/],
        [['--installation', '--head', 'nonsense'], /audit head/],
        [['--installation', '--organization', 'First'], /Choose one chain/],
        [['--heads', '/nowhere'], /cannot be read: \/nowhere/],
        [['--organization', 'Nobody'], /Say which organization/],
      ];
      for (const [options, said] of wrong) {
        const { code, stdout, stderr } = await at.run(['audit', 'verify', ...options]);
        assert.deepEqual([code, stdout], [1, ''], options.join(' '));
        assert.match(stderr, said);
      }
      assert.equal((await at.run(['audit', 'verify', '--colour'])).code, 2);
    });

    test('after tampering verify exits 1 and names the place in words; a cut tail by the kept head alone', async () => {
      const { body } = await at.json(['audit', 'head', '--installation']);
      const [{ seq, hash }] = body.data;
      await tamper(({ write }) =>
        write(async (tx) => {
          await tx
            .deleteFrom('audit_event')
            .where('chain', '=', 'installation')
            .where('seq', '=', 2)
            .execute();
          const first = await tx
            .selectFrom('audit_event')
            .select('hash')
            .where('chain', '=', 'installation')
            .executeTakeFirstOrThrow();
          await tx
            .updateTable('audit_head')
            .set({ seq: 1, hash: first.hash })
            .where('chain', '=', 'installation')
            .execute();
        }),
      );
      assert.equal((await at.run(['audit', 'verify'])).code, 0);
      const cut = await at.run(['audit', 'verify', '--installation', '--head', `${seq}:${hash}`]);
      assert.equal(cut.code, 1);
      assert.match(cut.stdout, /BROKEN \(cut_tail\) at event 2\..*names event 2, and the chain ends at 1/);

      await tamper(({ write }) =>
        write((tx) =>
          tx
            .updateTable('audit_event')
            .set({ actor_id: 'mk_innocent' })
            .where('chain', '=', 'installation')
            .execute(),
        ),
      );
      const changed = await at.json(['audit', 'verify']);
      assert.deepEqual([changed.code, changed.body.ok], [1, false]);
      assert.deepEqual(
        changed.body.chains.map((chain: { ok: boolean }) => chain.ok),
        [false, true, true],
      );
      assert.equal(changed.body.chains[0].break.kind, 'changed');
    });
  });
}
