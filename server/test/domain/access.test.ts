import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Action, actionNames, type Role } from '../../src/domain/access/actions.ts';
import {
  type Actor,
  type ManagementKeyActor,
  type MemberActor,
  systemActor,
} from '../../src/domain/access/actor.ts';
import { isAllowed } from '../../src/domain/access/authorize.ts';

const member = (role: Role, teams: [string, { production: boolean }][] = []): MemberActor => ({
  type: 'member',
  id: 'usr_1',
  role,
  teams: new Map(teams),
});
const managementKey = (scopes: '*' | Action[], creator: Actor = systemActor): ManagementKeyActor => ({
  type: 'management_key',
  id: 'mk_1',
  scopes: scopes === '*' ? '*' : new Set(scopes),
  creator,
});

/** What each role may do, restated here by hand: a change of the table must be made twice to pass unnoticed. */
const onlyAdmins =
  /^(organizations:update|(teams|apis|profiles):(create|update|delete)|policies:update|api_keys:import|management_keys:(create|revoke))$/;
const byTeam =
  /^(applications:(create|update|delete)|api_keys:(create|update|disable|enable|revoke|delete|production))$/;

describe('roles', () => {
  for (const action of actionNames) {
    for (const role of ['owner', 'admin'] as const) {
      test(`${role}: ${action} is allowed everywhere`, () => {
        assert.ok(isAllowed(member(role), action));
        assert.ok(isAllowed(member(role), action, { teamId: null, environment: 'production' }));
      });
    }
    test(`viewer: ${action} is ${action.endsWith(':read') ? 'allowed' : 'refused'}`, () => {
      const inTeam = member('viewer', [['team_1', { production: true }]]);
      assert.equal(isAllowed(inTeam, action, { teamId: 'team_1' }), action.endsWith(':read'));
    });
    const extent = onlyAdmins.test(action) ? 'never' : byTeam.test(action) ? 'in their teams' : 'everywhere';
    test(`developer: ${action} is allowed ${extent}`, () => {
      const developer = member('developer', [['team_1', { production: true }]]);
      assert.equal(isAllowed(developer, action, { teamId: 'team_1' }), extent !== 'never');
      assert.equal(isAllowed(developer, action, { teamId: 'team_2' }), extent === 'everywhere');
      assert.equal(isAllowed(developer, action, { teamId: null }), extent === 'everywhere');
    });
  }
});

describe('production keys', () => {
  const changes = ['create', 'update', 'disable', 'enable', 'revoke', 'delete'].map(
    (verb) => `api_keys:${verb}` as Action,
  );
  for (const action of changes) {
    test(`developer: ${action} in production needs the team's grant`, () => {
      const target = { teamId: 'team_1', environment: 'production' } as const;
      assert.ok(!isAllowed(member('developer', [['team_1', { production: false }]]), action, target));
      assert.ok(isAllowed(member('developer', [['team_1', { production: true }]]), action, target));
      const staging = { ...target, environment: 'staging' } as const;
      assert.ok(isAllowed(member('developer', [['team_1', { production: false }]]), action, staging));
    });
    test(`management key: ${action} in production needs api_keys:production`, () => {
      assert.ok(!isAllowed(managementKey([action]), action, { environment: 'production' }));
      assert.ok(
        isAllowed(managementKey([action, 'api_keys:production']), action, { environment: 'production' }),
      );
      assert.ok(isAllowed(managementKey([action]), action, { environment: 'development' }));
    });
  }
});

describe('management keys', () => {
  test('a key may do what its scopes say, and nothing else', () => {
    for (const action of actionNames) {
      for (const other of actionNames)
        assert.equal(isAllowed(managementKey([other]), action), action === other);
      assert.ok(isAllowed(managementKey('*'), action));
      assert.ok(!isAllowed(managementKey([]), action));
    }
  });

  test('a key can do no more than whoever made it can now, all the way up', () => {
    const viewer = member('viewer');
    assert.ok(!isAllowed(managementKey('*', viewer), 'teams:create'));
    assert.ok(isAllowed(managementKey('*', viewer), 'teams:read'));
    const narrow = managementKey(['teams:read']);
    assert.ok(!isAllowed(managementKey('*', narrow), 'teams:create'));
    assert.ok(!isAllowed(managementKey('*', managementKey('*', narrow)), 'teams:create'));
    assert.ok(isAllowed(managementKey(['teams:read'], managementKey('*', narrow)), 'teams:read'));
  });

  test('a key made by a developer is held to the developer’s teams and grants', () => {
    const developer = member('developer', [['team_1', { production: false }]]);
    const key = managementKey('*', developer);
    assert.ok(isAllowed(key, 'api_keys:create', { teamId: 'team_1', environment: 'staging' }));
    assert.ok(!isAllowed(key, 'api_keys:create', { teamId: 'team_1', environment: 'production' }));
    assert.ok(!isAllowed(key, 'api_keys:create', { teamId: 'team_2', environment: 'staging' }));
  });
});
