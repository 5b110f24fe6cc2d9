import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../../src/domain/errors.ts';
import { checkKeyLimits } from '../../../src/domain/policies/check-key-limits.ts';
import { effectivePolicy } from '../../../src/domain/policies/effective-policy.ts';
import { updatePolicy } from '../../../src/domain/policies/update-policy.ts';
import { type Keywright, onBothDatabases } from '../../harness.ts';
import { insertApiKeys, insertApplication } from '../../insert-rows.ts';

type Environment = 'development' | 'staging' | 'production';

onBothDatabases('key limits', (kw) => {
  /** An organization of its own for each test, so that no test counts another's keys. */
  const fresh = async (): Promise<Keywright> => {
    const { organizationId } = await kw().newOrganization('Limits');
    return { ...kw(), organizationId };
  };
  const check = (
    at: Keywright,
    place: { environment?: Environment; applicationId: string; teamId?: string | null },
    adding = 1,
  ) => {
    const ctx = kw().ctx(at.organizationId);
    const key = { environment: 'production' as const, teamId: null, ...place };
    return ctx.database.write((tx) => checkKeyLimits(ctx, tx, key, adding));
  };
  const set = (at: Keywright, environment: 'all' | Environment, rules: object) =>
    updatePolicy(kw().ctx(at.organizationId), environment, rules);
  const refusedWith = (text: RegExp) => (error: unknown) =>
    error instanceof AppError && error.code === 'key_limit_reached' && text.test(error.message);

  test('without a policy there is no limit', async () => {
    const at = await fresh();
    const applicationId = await insertApplication(at);
    await insertApiKeys(at, applicationId, 50, { environment: 'production' });
    await check(at, { applicationId }, 10_000);
  });

  test('the shorter lifetime counts, whichever policy it stands in', async () => {
    const at = await fresh();
    const ctx = kw().ctx(at.organizationId);
    const lifetime = async (environment: Environment) =>
      (await effectivePolicy(ctx, ctx.database.read, environment)).longestLifetimeSeconds;
    assert.equal(await lifetime('production'), null);
    await set(at, 'all', { longestLifetimeSeconds: 5_000 });
    await set(at, 'production', { longestLifetimeSeconds: 1_000 });
    await set(at, 'staging', { longestLifetimeSeconds: 9_000 });
    assert.deepEqual(
      [await lifetime('production'), await lifetime('staging'), await lifetime('development')],
      [1_000, 5_000, 5_000],
    );
  });

  test('only active and inactive keys are counted: not revoked, expired or deleted ones', async () => {
    const at = await fresh();
    const applicationId = await insertApplication(at);
    const now = kw().services.clock();
    for (const fields of [
      {},
      { disabled_at: now },
      { expires_at: now + 60_000 },
      { revoked_at: now },
      { deleted_at: now },
      { expires_at: now - 1 },
      { expires_at: now - 1, expiry_noted_at: now },
    ]) {
      await insertApiKeys(at, applicationId, 1, { environment: 'production', ...fields });
    }
    for (const rule of ['maxKeysPerOrganization', 'maxKeysPerApplication']) {
      await set(at, 'production', { maxKeysPerOrganization: null, maxKeysPerApplication: null, [rule]: 4 });
      await check(at, { applicationId });
      await set(at, 'production', { [rule]: 3 });
      await assert.rejects(check(at, { applicationId }), refusedWith(/allows .* 3 API keys .* 3 are used/));
    }
  });

  test("an environment's own limit counts its keys, that of all counts every environment's, and both hold", async () => {
    const at = await fresh();
    const applicationId = await insertApplication(at);
    await insertApiKeys(at, applicationId, 2, { environment: 'production' });
    await insertApiKeys(at, applicationId, 2, { environment: 'development' });
    await set(at, 'production', { maxKeysPerApplication: 3 });
    await check(at, { applicationId });
    await assert.rejects(check(at, { applicationId }, 2), refusedWith(/in production.*2 more do not fit/));
    await set(at, 'all', { maxKeysPerApplication: 4 });
    await assert.rejects(
      check(at, { applicationId }),
      refusedWith(/in all environments together.*4 are used/),
    );
    await assert.rejects(check(at, { applicationId, environment: 'staging' }), refusedWith(/"all"/));
  });

  test("a limit per application does not count other applications' keys, one per organization does", async () => {
    const at = await fresh();
    const full = await insertApplication(at);
    const empty = await insertApplication(at);
    await insertApiKeys(at, full, 2, { environment: 'production' });
    await set(at, 'production', { maxKeysPerApplication: 2 });
    await check(at, { applicationId: empty }, 2);
    await assert.rejects(check(at, { applicationId: full }), refusedWith(/each application 2/));
    await set(at, 'production', { maxKeysPerOrganization: 2 });
    await assert.rejects(check(at, { applicationId: empty }), refusedWith(/organization 2/));
  });

  test("a limit per team counts the keys of all the team's applications, and none where there is no team", async () => {
    const at = await fresh();
    const admin = await kw().newManagementKey(['*'], at.organizationId);
    const team = async (name: string): Promise<string> =>
      (await kw().call('POST', '/v1/teams', { key: admin, body: { name } })).body.id;
    const [ours, theirs] = [await team('Ours'), await team('Theirs')];
    const one = await insertApplication(at, { team_id: ours });
    const two = await insertApplication(at, { team_id: ours });
    const other = await insertApplication(at, { team_id: theirs });
    const nobodys = await insertApplication(at);
    await insertApiKeys(at, one, 1, { environment: 'production' });
    await insertApiKeys(at, two, 1, { environment: 'production' });
    await insertApiKeys(at, nobodys, 5, { environment: 'production' });
    await set(at, 'production', { maxKeysPerTeam: 2 });
    await assert.rejects(
      check(at, { applicationId: one, teamId: ours }),
      refusedWith(/each team 2.*2 are used/),
    );
    await check(at, { applicationId: other, teamId: theirs });
    await check(at, { applicationId: nobodys, teamId: null });
  });

  test("another organization's keys are not counted", async () => {
    const [ours, theirs] = [await fresh(), await fresh()];
    await insertApiKeys(theirs, await insertApplication(theirs), 5, { environment: 'production' });
    await set(ours, 'all', { maxKeysPerOrganization: 1 });
    await check(ours, { applicationId: await insertApplication(ours) });
  });
});
