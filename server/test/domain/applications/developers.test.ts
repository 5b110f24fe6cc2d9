import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemberActor } from '../../../src/domain/access/actor.ts';
import { createApplication } from '../../../src/domain/applications/create-application.ts';
import { deleteApplication } from '../../../src/domain/applications/delete-application.ts';
import { getApplication } from '../../../src/domain/applications/get-application.ts';
import { replaceConnections } from '../../../src/domain/applications/replace-connections.ts';
import { updateApplication } from '../../../src/domain/applications/update-application.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { createTeam } from '../../../src/domain/teams/create-team.ts';
import { onBothDatabases } from '../../harness.ts';
import { insertApiKeys, insertApplication } from '../../insert-rows.ts';

onBothDatabases('a developer', (kw) => {
  let teams = 0;
  const team = async () => {
    const input = { name: `Team ${++teams}`, mayTouchProductionKeys: false };
    return (await createTeam(kw().ctx(), input)).result.value.id;
  };
  /** A developer in these teams; true: the team may touch production keys. */
  const developer = (memberOf: Record<string, boolean>) => {
    const own = Object.entries(memberOf).map(([id, production]) => [id, { production }] as const);
    const actor: MemberActor = { type: 'member', id: 'usr_dev', role: 'developer', teams: new Map(own) };
    return { ...kw().ctx(), actor };
  };
  const isForbidden = (error: unknown) => error instanceof AppError && error.code === 'forbidden';
  const input = (teamId: string | null) => ({ title: 'Theirs', description: '', teamId });

  test('makes applications in their own teams only', async () => {
    const [own, other] = [await team(), await team()];
    const ctx = developer({ [own]: false });
    const made = await createApplication(ctx, input(own));
    assert.deepEqual([made.result.value.teamId, made.result.value.createdBy], [own, 'usr_dev']);
    await assert.rejects(createApplication(ctx, input(other)), isForbidden);
    await assert.rejects(createApplication(ctx, input(null)), isForbidden);
  });

  test('reads every application, and changes, connects and deletes only those of their own teams', async () => {
    const [own, other] = [await team(), await team()];
    const ctx = developer({ [own]: false });
    for (const teamId of [other, null]) {
      const id = await insertApplication(kw(), { team_id: teamId });
      assert.equal((await getApplication(ctx, id)).value.id, id);
      await assert.rejects(updateApplication(ctx, id, { title: 'Mine' }), isForbidden);
      await assert.rejects(replaceConnections(ctx, id, { connections: [] }), isForbidden);
      await assert.rejects(deleteApplication(ctx, id), isForbidden);
    }
    const id = await insertApplication(kw(), { team_id: own });
    await updateApplication(ctx, id, { title: 'Mine' });
    await replaceConnections(ctx, id, { connections: [] });
    assert.equal((await deleteApplication(ctx, id)).result.id, id);
  });

  test('gives an application away only between their own teams, and neither takes one nor leaves it to the admins', async () => {
    const [one, two, other] = [await team(), await team(), await team()];
    const ctx = developer({ [one]: false, [two]: false });
    const id = await insertApplication(kw(), { team_id: one });
    await assert.rejects(updateApplication(ctx, id, { teamId: other }), isForbidden);
    await assert.rejects(updateApplication(ctx, id, { teamId: null }), isForbidden);
    assert.equal((await updateApplication(ctx, id, { teamId: two })).result.value.teamId, two);
    const theirs = await insertApplication(kw(), { team_id: other });
    await assert.rejects(updateApplication(ctx, theirs, { teamId: one }), isForbidden);
  });

  test('cannot move production keys into a team in which they may touch them out of one in which they may not', async () => {
    const [without, granted, alsoGranted] = [await team(), await team(), await team()];
    const ctx = developer({ [without]: false, [granted]: true, [alsoGranted]: true });
    const id = await insertApplication(kw(), { team_id: without });
    await insertApiKeys(kw(), id, 1, { environment: 'production' });
    await assert.rejects(updateApplication(ctx, id, { teamId: granted }), isForbidden);
    const theirs = await insertApplication(kw(), { team_id: granted });
    await insertApiKeys(kw(), theirs, 1, { environment: 'production' });
    await assert.rejects(updateApplication(ctx, theirs, { teamId: without }), isForbidden);
    const moved = await updateApplication(ctx, theirs, { teamId: alsoGranted });
    assert.equal(moved.result.value.teamId, alsoGranted);
  });

  test("deletes an application with production keys only with the team's grant", async () => {
    const own = await team();
    const id = await insertApplication(kw(), { team_id: own });
    await insertApiKeys(kw(), id, 1, { environment: 'production' });
    await assert.rejects(deleteApplication(developer({ [own]: false }), id), isForbidden);
    assert.equal((await deleteApplication(developer({ [own]: true }), id)).result.deletedApiKeys, 1);
  });
});
