import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { makeApplication } from '../fixtures.ts';
import { auditEvents, onBothDatabases } from '../harness.ts';

const file = createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json');
const text = readFileSync(file, 'utf8');

onBothDatabases("GitHub's description", (kw) => {
  const importGithub = () =>
    kw().call('POST', '/v1/apis/import', { raw: `{"slug":"github","document":${text}}` });

  test('is imported over HTTP, and again without any change', async () => {
    const first = await importGithub();
    assert.equal(first.status, 201, JSON.stringify(first.body).slice(0, 1_000));
    const { api, report } = first.body;
    assert.deepEqual([api.endpoints.length, report.added.length], [1_223, 1_223]);
    assert.deepEqual(
      api.scopes.map((scope: { name: string }) => scope.name),
      ['github:read', 'github:full'],
    );
    const [imported] = await auditEvents(kw(), 1);
    assert.ok(String(imported?.after).length < 10_000, 'the audit event stays small');

    const application = await makeApplication(kw(), { connectedTo: [api] });
    const accessRevision = () =>
      kw()
        .services.database.read.selectFrom('application')
        .select('access_revision')
        .where('id', '=', application.id)
        .executeTakeFirstOrThrow();
    const before = { audit: (await auditEvents(kw(), 1))[0]?.seq, access: await accessRevision() };

    const again = await importGithub();
    assert.deepEqual([again.status, again.headers.get('etag')], [200, first.headers.get('etag')]);
    assert.deepEqual(again.body.api, api);
    const { added, changed, removed, renamedScopes } = again.body.report;
    assert.deepEqual([added, changed, removed, renamedScopes], [[], [], [], []]);
    assert.deepEqual({ audit: (await auditEvents(kw(), 1))[0]?.seq, access: await accessRevision() }, before);
  });
});
