import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOrganization } from '../../src/domain/organizations/create-organization.ts';
import { within } from './open-installation.ts';
import { newInstallation } from './run-command.ts';

test('--organization finds one among many, by id and by name; without it some are named to choose from', async () => {
  const at = await newInstallation('sqlite');
  try {
    const none = await at.run(['management-keys', 'list']);
    assert.deepEqual([none.code, /no organization yet/.test(none.stderr)], [1, true]);
    const ids = await within(at, async (services) => {
      const made: string[] = [];
      for (let n = 1; n <= 25; n++) {
        const { result } = await createOrganization(
          services,
          { id: 'req_test' },
          { name: `Number ${n}`, brand: 'kw' },
        );
        made.push(result.value.id);
      }
      return made;
    });
    for (const chosen of ['Number 25', String(ids[24])]) {
      const { code, stderr } = await at.run(['management-keys', 'list', '--organization', chosen]);
      assert.deepEqual([code, stderr], [0, '']);
    }
    for (const args of [[], ['--organization', 'Nobody']]) {
      const { code, stderr } = await at.run(['management-keys', 'list', ...args]);
      assert.equal(code, 1);
      assert.match(stderr, /Say which organization.*\(Number 20\), …$/m);
    }
  } finally {
    await at.close();
  }
});

test('an organization that calls itself by the id of another does not stand in for it, nor in its way', async () => {
  const at = await newInstallation('sqlite');
  try {
    const [first, second] = await within(at, async (services) => {
      const make = async (name: string) =>
        (await createOrganization(services, { id: 'req_test' }, { name, brand: 'kw' })).result.value.id;
      const id = await make('First');
      return [id, await make(id)];
    });
    for (const chosen of [first, second]) {
      const args = ['--json', 'management-keys', 'create', '--name', 'k', '--scope', '*'];
      const { code, stderr } = await at.run([...args, '--organization', String(chosen)]);
      assert.deepEqual([code, stderr], [0, '']);
    }
    await within(at, async ({ database }) => {
      const rows = await database.read.selectFrom('management_key').select('organization_id').execute();
      assert.deepEqual(rows.map((row) => row.organization_id).sort(), [first, second].sort());
    });
  } finally {
    await at.close();
  }
});
