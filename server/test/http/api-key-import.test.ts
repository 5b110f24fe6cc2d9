import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { importApiKeys } from '../../src/domain/api-keys/import-api-keys.ts';
import { makeApi, makeApplication, verify } from '../fixtures.ts';
import { auditEvents, onBothDatabases } from '../harness.ts';

type Row = { index: number; outcome: string; apiKeyId: string | null; problem: string | null };

onBothDatabases('POST /v1/api-keys/import', (kw) => {
  const importKeys = async (keys: unknown[], more: Record<string, unknown> = {}, key?: string) => {
    const answer = await kw().call('POST', '/v1/api-keys/import', {
      body: { keys, ...more },
      ...(key === undefined ? {} : { key }),
    });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body as { imported: number; alreadyImported: number; refused: number; rows: Row[] };
  };
  const strong = () => `legacy-${randomBytes(24).toString('base64url')}`;

  test('a raw key and keys by their SHA-256 verify at once, and are marked as imported', async () => {
    const api = await makeApi(kw());
    const application = await makeApplication(kw(), { connectedTo: [api] });
    const secrets = [strong(), strong(), strong(), strong()];
    const sha256 = (secret: string | undefined, encoding: 'hex' | 'base64' | 'base64url') =>
      createHash('sha256').update(String(secret)).digest(encoding);
    const row = (name: string, fields: object) => ({
      name,
      applicationId: application.id,
      environment: 'production',
      scopes: [`${api.slug}:read`],
      ...fields,
    });
    const report = await importKeys([
      row('raw', { secret: secrets[0] }),
      row('hex', { sha256: sha256(secrets[1], 'hex') }),
      row('base64', { sha256: sha256(secrets[2], 'base64') }),
      row('base64url', { sha256: sha256(secrets[3], 'base64url') }),
    ]);
    assert.deepEqual([report.imported, report.refused], [4, 0]);
    for (const [index, secret] of secrets.entries()) {
      const verification = await verify(kw(), { secret, scopes: [`${api.slug}:read`] });
      assert.equal(verification.allowed, true);
      assert.equal(verification.apiKey.id, report.rows[index]?.apiKeyId);
    }
    const { body } = await kw().call('GET', `/v1/api-keys/${report.rows[0]?.apiKeyId}`);
    assert.notEqual(body.importedAt, null);
    const shown = body.maskedSecret.replace('…', '');
    assert.ok(shown.length <= String(secrets[0]).length / 4, body.maskedSecret);
  });

  test('importing again changes nothing: each row is there already, and a deleted key cannot come back', async () => {
    const application = await makeApplication(kw());
    const keys = [strong(), strong()].map((secret) => ({
      name: 'Twice',
      applicationId: application.id,
      environment: 'production',
      secret,
    }));
    const first = await importKeys(keys);
    await kw().call('DELETE', `/v1/api-keys/${first.rows[1]?.apiKeyId}`);
    const seq = (await auditEvents(kw(), 1))[0]?.seq;
    const second = await importKeys(keys);
    assert.deepEqual([second.imported, second.alreadyImported, second.refused], [0, 2, 0]);
    assert.deepEqual(
      second.rows.map((row) => row.apiKeyId),
      first.rows.map((row) => row.apiKeyId),
    );
    assert.equal((await auditEvents(kw(), 1))[0]?.seq, seq);
    assert.equal((await verify(kw(), { secret: keys[1]?.secret })).reason, 'revoked');
  });

  test('a bad row is reported with its reason beside the good ones', async () => {
    const application = await makeApplication(kw());
    const good = { name: 'Good', applicationId: application.id, environment: 'production', secret: strong() };
    const ours = `kw_live_${'a'.repeat(49)}`;
    const cases: [unknown, RegExp][] = [
      [{ ...good, secret: strong(), name: '' }, /name/],
      [{ ...good, secret: undefined }, /either secret or sha256/],
      [{ ...good, sha256: '0'.repeat(64) }, /either secret or sha256/],
      [{ ...good, secret: undefined, sha256: 'short' }, /SHA-256/],
      [{ ...good, secret: ours }, /shape of a key of Keywright/],
      [{ ...good, secret: 'password-password-password' }, /guessable/],
      [{ ...good, secret: strong(), scopes: ['nope:read'] }, /no API of this organization/],
      [{ ...good, secret: strong(), applicationId: 'app_01jd0c8rkee1t9n9p5mj6x2q7v' }, /no application/],
      ['text', /object/],
    ];
    const report = await importKeys([good, ...cases.map(([row]) => row)]);
    assert.deepEqual([report.imported, report.refused], [1, cases.length]);
    for (const [index, [, reason]] of cases.entries())
      assert.match(String(report.rows[index + 1]?.problem), reason);
    assert.ok(!JSON.stringify(report).includes(good.secret));
  });

  test('a guessable key is taken where that is asked for', async () => {
    const application = await makeApplication(kw());
    const secret = 'password-password-password';
    const row = { name: 'Weak', applicationId: application.id, environment: 'production', secret };
    assert.equal((await importKeys([row], { allowWeak: true })).imported, 1);
    assert.equal((await verify(kw(), { secret })).allowed, true);
  });

  test('the same key in two organizations is two keys, and neither answers for the other', async () => {
    const other = await kw().newOrganization('Other');
    const secret = strong();
    const ids: (string | null | undefined)[] = [];
    for (const key of [kw().adminKey, other.adminKey]) {
      const application = await makeApplication(kw(), { key });
      const row = { name: 'Shared', applicationId: application.id, environment: 'production', secret };
      ids.push((await importKeys([row], {}, key)).rows[0]?.apiKeyId);
    }
    assert.equal((await verify(kw(), { secret })).apiKey.id, ids[0]);
    assert.equal((await verify(kw(), { secret }, other.adminKey)).apiKey.id, ids[1]);
    await kw().call('POST', `/v1/api-keys/${ids[0]}/revoke`);
    assert.equal((await verify(kw(), { secret })).reason, 'revoked');
    assert.equal((await verify(kw(), { secret }, other.adminKey)).allowed, true);
  });

  test('an organization without imports has foreign text denied as malformed, one with imports as unknown', async () => {
    const fresh = await kw().newOrganization('Fresh');
    assert.equal((await verify(kw(), { secret: 'some-foreign-key' }, fresh.adminKey)).reason, 'malformed');
    assert.equal((await verify(kw(), { secret: 'some-foreign-key' })).reason, 'unknown_key');
  });

  test('the hash of a key of ours imports, but never answers for the key', async () => {
    const application = await makeApplication(kw());
    const ours = 'kw_live_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg418bBM';
    const sha256 = createHash('sha256').update(ours).digest('hex');
    await importKeys([{ name: 'Ours', applicationId: application.id, environment: 'production', sha256 }]);
    assert.equal((await verify(kw(), { secret: ours })).reason, 'unknown_key');
  });

  describe('many', () => {
    test('3,000 keys in one call are committed in pieces and all verify', async () => {
      const application = await makeApplication(kw());
      const secrets = Array.from({ length: 3_000 }, strong);
      const report = await importKeys(
        secrets.map((secret, index) => ({
          name: `Bulk ${index}`,
          applicationId: application.id,
          environment: 'production',
          secret,
        })),
      );
      assert.equal(report.imported, 3_000);
      for (const secret of [secrets[0], secrets[1_500], secrets[2_999]]) {
        assert.equal((await verify(kw(), { secret })).allowed, true);
      }
    });

    test('others are heard while many keys are imported', async () => {
      const application = await makeApplication(kw());
      const keys = Array.from({ length: 2_000 }, strong).map((secret) => ({
        name: 'Bulk',
        applicationId: application.id,
        environment: 'production',
        secret,
      }));
      let heard = 0;
      let next: NodeJS.Immediate;
      const listen = () => {
        heard += 1;
        next = setImmediate(listen);
      };
      next = setImmediate(listen);
      const { result } = await importApiKeys(kw().ctx(), { keys, allowWeak: false });
      clearImmediate(next);
      assert.equal(result.imported, 2_000);
      assert.ok(heard >= 20, `the event loop went round ${heard} times`);
    });

    test('what is wrong with a row is said in a few words, however much it is', async () => {
      const application = await makeApplication(kw());
      const row = {
        name: 'Much',
        applicationId: application.id,
        environment: 'production',
        secret: strong(),
      };
      const fields = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`f${index}`, 1]));
      const scopes = Array.from({ length: 200 }, (_, index) => `nothing-like-it:${index}`);
      const keys = [
        { ...row, ...fields },
        { ...row, scopes },
      ];
      const { status, body } = await kw().call('POST', '/v1/api-keys/import', { body: { keys } });
      assert.deepEqual([status, body.refused], [200, 2]);
      assert.match(body.rows[0].problem, /^Unrecognized keys: "f0", "f1", .*…$/);
      assert.match(body.rows[1].problem, /^scopes\/0: .*…$/);
      for (const { problem } of body.rows) assert.equal(problem.length, 501);
    });

    test('10,001 keys are refused whole', async () => {
      const keys = Array.from({ length: 10_001 }, () => ({}));
      const answer = await kw().call('POST', '/v1/api-keys/import', { body: { keys } });
      assert.deepEqual([answer.status, answer.body.errors[0].pointer], [400, '/keys']);
    });
  });
});
