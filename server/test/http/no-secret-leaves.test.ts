import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { allRoutes } from '../../src/http/routes/all-routes.ts';
import { issueKey, makeApplication } from '../fixtures.ts';
import { type Answer, createPostgresDatabase, type Keywright } from '../harness.ts';
import { operations } from '../operations.ts';
import { sendRaw } from '../raw-http.ts';
import { newFolder, request, type Served } from '../serve-process.ts';

const foreign = 'legacy-9f8Zq+/wY3hT0vKx7RbN2mLs5DcEgUjA';
type Call = Keywright['call'];

/** What a reader of a log or a table could use: the secret, and what a leaked hash of it would look like. */
function formsOf(secret: string): string[] {
  const digest = createHash('sha256').update(secret).digest();
  const base64 = digest.toString('base64').replace(/=+$/, '');
  const body = secret.replace(/^.*_/, '');
  const forms = [secret, body, digest.toString('hex'), base64, digest.toString('base64url')];
  const basic = Buffer.from(`${secret}:`).toString('base64').slice(0, -4);
  return [...forms, encodeURIComponent(secret), basic];
}

/** Every place where a secret does not belong. */
async function misplace(call: Call, secret: string, urls: { apiUrl: string; gatewayUrl: string }) {
  const applicationId = (
    await call('POST', '/v1/applications', { body: { title: `For ${made++}`, description: '' } })
  ).body.id;
  const key = { name: 'Key', applicationId, environment: 'production' };
  const isOurs = secret !== foreign;
  // In bodies: our own are known by their form wherever they stand, another system's only where nothing is kept anyway.
  const bodies: [string, object][] = [
    ['/v1/api-keys', { ...key, secret }],
    ['/v1/api-keys', { ...key, scopes: [secret] }],
    ['/v1/api-keys', { ...key, expiresAt: secret, ipAllowlist: [secret], profileId: secret }],
    ['/v1/teams', { nmae: secret }],
    ['/v1/apis/import', { slug: 'misplaced', document: `openapi: ${secret}` }],
    ['/v1/apis/import', { slug: 'misplaced', document: `{"openapi":"3.1.0","${secret}` }],
    ['/v1/verify', { secret, api: secret, method: secret, path: `/${secret}?key=${secret}`, ip: secret }],
    ['/v1/verify', { secret, apiKeyId: secret, scopes: [secret], environment: secret }],
    [
      '/v1/api-keys/import',
      {
        keys: [
          { ...key, secret, sha256: secret },
          { name: 7, secret },
        ],
      },
    ],
  ];
  if (isOurs) {
    bodies.push(
      ['/v1/teams', { name: secret }],
      ['/v1/teams', { name: 'Team', [secret]: true }],
      ['/v1/api-keys', { ...key, name: `x${secret}` }],
      ['/v1/api-keys', { ...key, metadata: { note: [`the key is ${secret}.`] } }],
      ['/v1/api-keys', { ...key, metadata: { [secret]: 1 } }],
      ['/v1/applications', { title: 'Application', description: `Its key: ${secret}` }],
      ['/v1/profiles', { name: 'Profile', settings: { upstream: secret } }],
      ['/v1/profiles', { name: 'Profile', settings: { [secret]: secret } }],
      ['/v1/apis/import', { slug: 'misplaced', document: { openapi: '3.1.0', info: { title: secret } } }],
      [
        '/v1/api-keys/import',
        {
          keys: [
            { ...key, secret },
            { ...key, name: secret, sha256: 'x' },
          ],
        },
      ],
    );
  }
  for (const [path, body] of bodies) {
    const answer = await call('POST', path, { body });
    if (path !== '/v1/verify' && path !== '/v1/api-keys/import')
      assert.ok(answer.status >= 400, `${path} ${JSON.stringify(answer.body)}`);
  }
  for (const raw of [`{"name":"${secret}`, `${secret}`, `{"secret":"${secret}","secret":"${secret}"}`]) {
    for (const path of ['/v1/teams', '/v1/verify', '/v1/api-keys']) await call('POST', path, { raw });
  }

  const written = encodeURIComponent(secret);
  const escaped = [...Buffer.from(secret)].map((byte) => `%${byte.toString(16)}`).join('');
  for (const text of [written, escaped]) {
    for (const path of [`/${text}`, `/v1/api-keys/${text}`, `/v1/teams/${text}/x`, `/docs/${text}`]) {
      await call('GET', path);
      await call('DELETE', path);
    }
    for (const query of [
      `query=${text}`,
      `cursor=${text}`,
      `limit=${text}`,
      `applicationId=${text}`,
      `secret=${text}`,
    ]) {
      await call('GET', `/v1/api-keys?${query}`);
    }
    if (isOurs) await call('GET', `/v1/api-keys?${text}=1`);
    await fetch(`${urls.gatewayUrl}/v1/forward-auth/nginx?api=${text}&environment=${text}`);
    await fetch(`${urls.gatewayUrl}/${text}`);
  }

  const basic = (user: string) => `Basic ${Buffer.from(user).toString('base64')}`;
  const headers: Record<string, string>[] = [
    { 'idempotency-key': secret },
    { 'if-match': `"${secret}"` },
    { 'x-forwarded-for': `${secret}, 127.0.0.1` },
    {
      'x-request-id': secret,
      traceparent: secret,
      cookie: `key=${secret}`,
      referer: `https://a/?k=${secret}`,
    },
    { 'x-api-key': secret, 'proxy-authorization': basic(`${secret}:`) },
    { 'content-type': secret },
    { 'content-encoding': secret },
    { authorization: `Bearer ${secret}x` },
    { authorization: basic(`${secret}:`) },
    { authorization: basic(`${secret}:${secret}`) },
    { authorization: secret },
    ...(isOurs
      ? [
          { 'user-agent': `curl/8 ${secret}` },
          { 'user-agent': `${' '.repeat(3)}${'y'.repeat(240)}${secret}` },
        ]
      : []),
  ];
  for (const more of headers) {
    await call('POST', '/v1/teams', { body: { name: `Team ${made++}` }, headers: more });
    await call('POST', '/v1/verify', { body: { secret: 'x' }, headers: more });
    const gateway = {
      'x-original-method': 'GET',
      'x-original-uri': `/?k=${secret}`,
      'x-original-ip': '192.0.2.1',
    };
    const asked = `${urls.gatewayUrl}/v1/forward-auth/nginx?api=orders&environment=production`;
    await fetch(asked, { headers: { ...gateway, ...more } });
  }
  for (const text of [
    `${secret} / HTTP/1.1\r\n\r\n`,
    `GET /${secret} HTTP/9\r\n\r\n`,
    `GET / HTTP/1.1\r\n${secret}\r\n\r\n`,
  ]) {
    errors.push(await sendRaw(urls.apiUrl, [text], { keepOpen: true }));
  }
}

let made = 0;
const errors: string[] = [];

for (const kind of ['sqlite', 'postgres'] as const) {
  describe(`secrets [${kind}]`, () => {
    let folder: ReturnType<typeof newFolder>;
    let served: Served;
    let drop = async () => {};
    const secrets = new Set<string>([foreign]);
    const answers: string[] = [];

    before(async () => {
      const database = kind === 'postgres' ? await createPostgresDatabase() : undefined;
      if (database !== undefined) drop = database.drop;
      folder = newFolder(database?.url);
      const { adminKey, organizationId } = await folder.makeAdmin();
      secrets.add(adminKey);
      served = folder.serve({ KEYWRIGHT_LOG_LEVEL: 'debug' });
      const urls = await served.ready;
      const call: Call = async (method, path, options = {}) => {
        const key = options.key === undefined ? adminKey : options.key;
        const answer = await request(urls.apiUrl, method, path, { ...options, key });
        answers.push(
          JSON.stringify(keepSecretOfIssue(answer, secrets)) + JSON.stringify([...answer.headers]),
        );
        return answer;
      };
      const kw = { ...urls, adminKey, organizationId, call } as unknown as Keywright;

      for (const [id, operation] of Object.entries(operations)) {
        const good = await operation.prepare(kw);
        const method = allRoutes.find((route) => route.operationId === id)?.method.toUpperCase() ?? '';
        const answer = await call(method, good.path, good.body === undefined ? {} : { body: good.body });
        assert.ok(answer.status < 300, `${id}: ${JSON.stringify(answer.body)}`);
      }
      const application = await makeApplication(kw);
      const { secret, apiKey } = await issueKey(kw, application.id);
      const imported = [
        { name: 'Old', applicationId: application.id, environment: 'production', secret: foreign },
      ];
      assert.equal(
        (await call('POST', '/v1/api-keys/import', { body: { keys: imported } })).body.imported,
        1,
      );
      const about = { ip: '192.0.2.7', userAgent: `agent with ${secret}` };
      for (const presented of [secret, foreign]) {
        const asked = { secret: presented, ...about };
        assert.equal((await call('POST', '/v1/verify', { body: asked })).body.allowed, true);
        assert.equal(
          (await call('POST', '/v1/verify', { body: { ...asked, environment: 'staging' } })).body.allowed,
          false,
        );
      }
      for (const misplaced of [secret, adminKey, foreign]) await misplace(call, misplaced, urls);
      await call('POST', `/v1/api-keys/${apiKey.id}/revoke`);
      await call('POST', '/v1/verify', { body: { secret, ...about } });
      served.kill('SIGTERM');
      assert.deepEqual(await served.ended, { code: 0, signal: null });
    });
    after(async () => {
      await folder?.remove();
      await drop();
    });

    function assertNoneIn(text: string, where: string): void {
      for (const secret of secrets) {
        for (const form of formsOf(secret)) {
          const at = text.indexOf(form);
          assert.equal(at, -1, `${where}: …${text.slice(Math.max(0, at - 300), at + 20)}…`);
        }
      }
    }

    it('of many kinds were made in this run, and none is too short to be looked for', () => {
      assert.ok(secrets.size > 10, `${secrets.size}`);
      for (const secret of secrets) assert.ok(secret.length > 30);
    });
    it('stand in no answer but the one that made them', () => {
      for (const answer of [...answers, ...errors]) assertNoneIn(answer, 'answer');
    });
    it('are neither on standard output nor in the log', () => {
      assert.match(served.said(), /"msg":"request"/);
      assertNoneIn(served.said(), 'log');
    });
    it('are in no column of any table', () =>
      folder.withServices(async ({ database }) => {
        const names = await tableNames(database.read, kind);
        assert.ok(names.includes('audit_event') && names.includes('idempotency') && names.length > 15);
        for (const name of names) {
          const { rows } = await sql`select * from ${sql.table(name)}`.execute(database.read);
          assertNoneIn(
            JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
            name,
          );
        }
        const used = await database.read.selectFrom('api_key_use').select('last_used_user_agent').execute();
        assert.ok(used.some((row) => row.last_used_user_agent === 'agent with kw_live_…'));
      }));
    it('are in no file of the data directory', () => {
      for (const file of readdirSync(folder.folder)) {
        assertNoneIn(readFileSync(join(folder.folder, file), 'latin1'), file);
      }
    });
  });
}

/** Notes the secret of a 201, and takes it out: it may stand there, and only in this member. */
function keepSecretOfIssue({ status, body }: Answer, secrets: Set<string>): unknown {
  if (status !== 201 || typeof body.secret !== 'string') return body;
  const { secret, ...rest } = body;
  secrets.add(secret);
  return rest;
}

async function tableNames(reader: Parameters<ReturnType<typeof sql>['execute']>[0], kind: string) {
  const query =
    kind === 'postgres'
      ? sql<{
          name: string;
        }>`select table_name as name from information_schema.tables where table_schema = current_schema()`
      : sql<{ name: string }>`select name from sqlite_master where type = 'table'`;
  return (await query.execute(reader)).rows.map((row) => row.name);
}
