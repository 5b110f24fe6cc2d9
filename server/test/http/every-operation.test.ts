import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actionNames } from '../../src/domain/access/actions.ts';
import { allRoutes } from '../../src/http/routes/all-routes.ts';
import { auditEvents, type Keywright, onBothDatabases } from '../harness.ts';
import { operations } from '../operations.ts';

test('every operation of the API stands in the table that the tests below walk, and nothing else does', () => {
  assert.deepEqual(Object.keys(operations).sort(), allRoutes.map((route) => route.operationId).sort());
});

onBothDatabases('every operation', (kw) => {
  for (const route of allRoutes) {
    const name = `${route.method.toUpperCase()} ${route.path}`;
    const operation = operations[route.operationId];
    if (operation === undefined) continue;
    const call = (path: string, body: unknown, key?: string | null) =>
      kw().call(route.method.toUpperCase(), path, {
        ...(body === undefined ? {} : { body }),
        ...(key === undefined ? {} : { key }),
      });

    test(`${name} is done as documented${operation.changes ? ', and leaves an audit event' : ''}`, async () => {
      const { path, body } = await operation.prepare(kw());
      const before = await lastSeq(kw());
      const answer = await call(path, body);
      assert.ok([route.status, 201].includes(answer.status), JSON.stringify(answer.body));
      const shown = route.response.safeParse(answer.body);
      assert.ok(shown.success, `not as documented: ${shown.error?.message}`);
      assert.equal((await lastSeq(kw())) > before, operation.changes);
      if (operation.changes)
        assert.deepEqual(Object.keys(answer.body.propagation), ['verifiers', 'milliseconds']);
    });

    test(`${name} is refused without ${route.action}, and nothing changes`, async () => {
      const { path, body } = await operation.prepare(kw());
      const key = await kw().newManagementKey(
        actionNames.filter((action) => action !== route.action && action !== route.orAction),
      );
      const before = await lastSeq(kw());
      const answer = await call(path, body, key);
      assert.deepEqual([answer.status, answer.body.code], [403, 'forbidden']);
      assert.match(answer.body.detail, new RegExp(route.action));
      const challenge = String(answer.headers.get('www-authenticate'));
      assert.match(challenge, /^Bearer realm="keywright", error="insufficient_scope", error_description="/);
      assert.ok(challenge.endsWith(`, scope="${route.action}"`), challenge);
      assert.equal(await lastSeq(kw()), before);
    });

    test(`${name} is refused without ${route.action} before its body is read`, async () => {
      if (route.body === undefined) return;
      const { path } = await operation.prepare(kw());
      const key = await kw().newManagementKey(['audit_events:read']);
      const answer = await kw().call(route.method.toUpperCase(), path, { key, raw: '{not json' });
      assert.equal(answer.status, 403);
    });

    test(`${name} answers 401 without a management key`, async () => {
      const { path, body } = await operation.prepare(kw());
      assert.equal((await call(path, body, null)).status, 401);
    });

    test(`${name} reaches nothing of another organization`, async () => {
      const { path, body } = await operation.prepare(kw());
      const other = await kw().newOrganization('Other');
      const before = await lastSeq(kw());
      const answer = await call(path, body, other.adminKey);
      const names = idsOf(path, body);
      if (names.some((id) => path.includes(id)))
        assert.equal(answer.status, 404, JSON.stringify(answer.body));
      else if (names.length > 0)
        assert.ok(answer.status >= 400 || answer.body.refused === 1, JSON.stringify(answer.body));
      // Its own lists are empty but for what it has itself: nothing of ours shows.
      assert.ok(!JSON.stringify(answer.body).includes(kw().organizationId) || answer.status === 404);
      assert.equal(await lastSeq(kw()), before);
    });
  }
});

/** The ids of objects that a request names, in its path or its body. */
function idsOf(path: string, body: unknown): string[] {
  return `${path} ${JSON.stringify(body ?? {})}`.match(/\b[a-z]+_[0-9a-z]{26}\b/g) ?? [];
}

/** Of our own organization, and of management keys nothing: making the test's own keys is a change too. */
async function lastSeq(kw: Keywright): Promise<number> {
  return (await auditEvents(kw, 1))[0]?.seq ?? 0;
}
