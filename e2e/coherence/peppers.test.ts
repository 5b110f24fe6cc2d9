import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createPostgresDatabase, type DatabaseKind } from '../../server/test/harness.ts';
import { newFolder, request } from '../../server/test/serve-process.ts';
import { runKeywright } from './run-keywright.ts';

// The verbs of peppers are the command line's alone, and concern every key: so they are walked here, not in the table of changes.

type Issued = { id: string; secret: string };

for (const kind of ['postgres', 'sqlite'] as const) {
  describe(`two servers, and peppers changed by the command line [${kind}]`, () => whilePeppersChange(kind));
}

function whilePeppersChange(kind: DatabaseKind): void {
  let folder: ReturnType<typeof newFolder>;
  let database: { url: string; drop: () => Promise<void> } | undefined;
  let urls: string[] = [];
  /** Before any other pepper than the first; and one made under the second, which outlives the first. */
  let key: string;
  let applicationId: string;
  const keys: Issued[] = [];
  const run = (...args: string[]) => runKeywright(folder.environment, args);

  async function serveTwo(): Promise<void> {
    const served = [folder.serve({ KEYWRIGHT_WORKERS: '1' }), folder.serve({ KEYWRIGHT_WORKERS: '1' })];
    urls = (await Promise.all(served.map((one) => one.ready))).map((ready) => ready.apiUrl);
    endBoth = async () => {
      for (const one of served) one.kill('SIGTERM');
      await Promise.all(served.map((one) => one.ended));
    };
  }
  let endBoth = async () => {};
  const call = (at: number, method: string, path: string, body: object) =>
    request(String(urls[at]), method, path, { key, body });
  async function issue(at: number): Promise<Issued> {
    const body = { name: `Key ${keys.length}`, applicationId, environment: 'production' };
    const answer = await call(at, 'POST', '/v1/api-keys', body);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    const issued = { id: answer.body.apiKey.id, secret: answer.body.secret };
    keys.push(issued);
    return issued;
  }
  async function verdicts({ secret }: Issued): Promise<string[]> {
    const answers = await Promise.all(urls.map((_, at) => call(at, 'POST', '/v1/verify', { secret })));
    return answers.map(({ body }) => (body.allowed ? 'allowed' : String(body.reason)));
  }
  const bothSay = async (issued: Issued, verdict: string) =>
    assert.deepEqual(await verdicts(issued), [verdict, verdict]);

  before(async () => {
    database = kind === 'postgres' ? await createPostgresDatabase() : undefined;
    folder = newFolder(database?.url);
    key = (await folder.makeAdmin()).adminKey;
    await serveTwo();
    const application = await call(0, 'POST', '/v1/applications', { title: 'Application', description: '' });
    applicationId = application.body.id;
  });
  after(async () => {
    await folder.remove();
    await database?.drop();
  });

  test('a pepper more, on every node: the keys that there are pass as before', async () => {
    for (let n = 0; n < 40; n++) await issue(n % 2);
    await run('pepper', 'rotate');
    await bothSay(keys[0] as Issued, 'allowed');
    await endBoth();
    await serveTwo();
    await bothSay(keys[0] as Issued, 'allowed');
  });

  test('in use: when the command has returned, a key that either node makes passes at the other at once', async () => {
    await run('pepper', 'rotate', '--activate');
    for (const at of [0, 1, 0, 1]) await bothSay(await issue(at), 'allowed');
    const made = await run('management-keys', 'create', '--name', 'second', '--scope', '*');
    key = (made as { secret: string }).secret;
  });

  test('the first retired: when the command has returned, no node lets a key pass that it ended, though it had let it pass just before', async () => {
    const unused = keys.slice(1, 40);
    let isOver = false;
    const retiring = run('pepper', 'retire', '1', '--and-end-their-keys', '1000').finally(() => {
      isOver = true;
    });
    // Each is used for the first time: until that is written, about a second later, it stands under the first pepper.
    const used: Issued[] = [];
    for (const one of unused) {
      if (isOver) break;
      const said = await verdicts(one);
      if (said.every((verdict) => verdict === 'allowed')) used.push(one);
      await pause(30);
    }
    await retiring;
    const ended = await folder.withServices(async (services) => {
      const rows = await services.database.read
        .selectFrom('secret')
        .select('api_key_id')
        .where('ended_at', 'is not', null)
        .execute();
      return new Set(rows.map((row) => row.api_key_id));
    });
    for (const one of keys) await bothSay(one, ended.has(one.id) ? 'revoked' : 'allowed');
    const wasKept = used.filter((one) => ended.has(one.id));
    assert.ok(wasKept.length > 0, 'no key was ended that a node had let pass just before');
    await bothSay(await issue(0), 'allowed');
  });
}
