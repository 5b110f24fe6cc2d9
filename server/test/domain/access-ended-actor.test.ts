import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCoherence } from '../../src/coherence/open-coherence.ts';
import type { Ctx } from '../../src/domain/context.ts';
import { AppError } from '../../src/domain/errors.ts';
import { createManagementKeyAuthenticator } from '../../src/domain/management-keys/authenticate-management-key.ts';
import { createManagementKey } from '../../src/domain/management-keys/create-management-key.ts';
import { revokeManagementKey } from '../../src/domain/management-keys/revoke-management-key.ts';
import { createTeam } from '../../src/domain/teams/create-team.ts';
import { auditEvents, type Keywright, onBothDatabases } from '../harness.ts';

/** The context of a request whose key was good when its headers were read. */
async function authenticated(kw: Keywright, secret: unknown): Promise<Ctx> {
  const coherence = openCoherence(kw.services, () => undefined);
  const known = await createManagementKeyAuthenticator(
    kw.services,
    coherence,
    () => undefined,
  )(String(secret));
  await coherence.close();
  assert.ok(known);
  return { ...kw.ctx(), actor: known.actor };
}

const isRefused = (error: unknown) => error instanceof AppError && error.code === 'unauthenticated';

onBothDatabases('a management key that ends while a request of it is still coming in', (kw) => {
  test('changes nothing any more once its revocation has returned, and neither does a key that it made', async () => {
    const { result: parent } = await createManagementKey(kw().ctx(), { name: 'parent', scopes: ['*'] });
    const begun = await authenticated(kw(), parent.secret);
    const { result: child } = await createManagementKey(begun, { name: 'child', scopes: ['*'] });
    const begunByChild = await authenticated(kw(), child.secret);

    await createTeam(begunByChild, { name: 'While they live', mayTouchProductionKeys: false });
    await revokeManagementKey(kw().ctx(), parent.managementKey.id);
    const [last] = await auditEvents(kw(), 1);

    await assert.rejects(createTeam(begun, { name: 'Too late', mayTouchProductionKeys: false }), isRefused);
    await assert.rejects(
      createTeam(begunByChild, { name: 'Too late as well', mayTouchProductionKeys: false }),
      isRefused,
    );
    assert.deepEqual(await auditEvents(kw(), 1), [last]);
  });

  test('changes nothing any more once it has expired', async () => {
    const expiresAt = new Date(kw().services.clock() + 60_000).toISOString();
    const made = await createManagementKey(kw().ctx(), { name: 'short', scopes: ['*'], expiresAt });
    const begun = await authenticated(kw(), made.result.secret);
    kw().clock.ahead += 60_000;
    await assert.rejects(createTeam(begun, { name: 'Later', mayTouchProductionKeys: false }), isRefused);
  });
});
