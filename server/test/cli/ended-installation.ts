import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../src/database/open.ts';
import { deleteApiKey } from '../../src/domain/api-keys/delete-api-key.ts';
import { disableApiKey } from '../../src/domain/api-keys/disable-api-key.ts';
import { revokeApiKey } from '../../src/domain/api-keys/revoke-api-key.ts';
import { updateApiKey } from '../../src/domain/api-keys/update-api-key.ts';
import { contextOf, issueKeys, within } from './open-installation.ts';
import { newInstallation } from './run-command.ts';

export const keyNames = ['Revoked', 'Deleted', 'Disabled', 'Expired', 'Rotated', 'Kept', 'Renamed'] as const;

export type EndedInstallation = Awaited<ReturnType<typeof openEndedInstallation>>;

/** An installation of which a backup was made, and where all keys but `Kept` and `Renamed` were ended since. */
export async function openEndedInstallation() {
  const at = await newInstallation('sqlite');
  await at.run(['organizations', 'create', 'Acme']);
  const issued = await within(at, async (services) => issueKeys(await contextOf(services, 'Acme'), keyNames));
  const keys = new Map(issued.map((key) => [key.name, key]));
  const make = async (name: string): Promise<{ managementKey: { id: string }; secret: string }> =>
    (await at.json(['management-keys', 'create', '--name', name, '--scope', '*'])).body;
  const verifier = await make('Verifier');
  const revoked = await make('Ended');
  const backup = join(at.folder, 'backup');
  assert.equal((await at.run(['backup', backup])).code, 0);

  const idOf = (name: string) => String(keys.get(name)?.id);
  const dataFile = (name: string) => join(String(at.environment.KEYWRIGHT_DATA_DIR), name);
  const keptFiles = () => readdirSync(dataFile('.')).filter((name) => name.includes('.replaced-'));

  async function endKeys(): Promise<void> {
    await within(at, async (services) => {
      const ctx = await contextOf(services, 'Acme');
      await revokeApiKey(ctx, idOf('Revoked'));
      await deleteApiKey(ctx, idOf('Deleted'));
      await disableApiKey(ctx, idOf('Disabled'));
      await updateApiKey(ctx, idOf('Renamed'), { name: 'Renamed since' });
      const earlier = services.clock() - 1_000;
      await services.database.write(async (tx) => {
        await tx
          .updateTable('api_key')
          .set({ expires_at: earlier })
          .where('id', '=', idOf('Expired'))
          .execute();
        await tx
          .updateTable('secret')
          .set({ ended_at: earlier })
          .where('api_key_id', '=', idOf('Rotated'))
          .execute();
      });
      await issueKeys(ctx, ['Made since']);
    });
    await at.run(['management-keys', 'revoke', revoked.managementKey.id]);
  }

  /** Puts the database back to where everything had been ended. */
  function reset(): void {
    for (const name of readdirSync(dataFile('.')).filter((file) => file.startsWith('keywright.db'))) {
      rmSync(dataFile(name));
    }
    copyFileSync(ended, dataFile('keywright.db'));
  }

  /** Which of the keys pass, by name; of the management key whether it may still ask. */
  async function whoPasses(): Promise<string[]> {
    const server = await at.serve();
    const ask = (key: string, secret: string) =>
      fetch(`${server.apiUrl}/v1/verify`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ secret }),
      });
    try {
      const passing: string[] = [];
      for (const { name, secret } of keys.values()) {
        const answer = (await (await ask(verifier.secret, secret)).json()) as { allowed: boolean };
        if (answer.allowed) passing.push(name);
      }
      const answer = await ask(revoked.secret, 'kw_live_nothing');
      return answer.status === 200 ? [...passing, 'management key'] : passing;
    } finally {
      await server.stop();
    }
  }

  const readEpoch = async () => {
    const database = openDatabase({ path: dataFile('keywright.db') }, () => undefined);
    const row = await database.read
      .selectFrom('installation')
      .select('value')
      .where('name', '=', 'epoch')
      .executeTakeFirstOrThrow();
    await database.close();
    return row.value;
  };

  await endKeys();
  // The data folder as it was when everything had been ended; each test begins with it.
  const ended = join(at.folder, 'ended');
  assert.equal((await at.run(['backup', ended])).code, 0);
  return { at, backup, revoked, idOf, dataFile, keptFiles, reset, whoPasses, readEpoch };
}
