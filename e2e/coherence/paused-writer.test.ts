import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { quantile } from '../../bench/statistics.ts';
import { newFolder, request } from '../../server/test/serve-process.ts';
import { startWriter } from './sqlite-faults.ts';

// What docs/operations.md says that a stopped writer costs.

describe('a process that was stopped while it writes to the SQLite file', () => {
  const folder = newFolder();
  let key: string;
  let url: string;
  let secret: string;
  let id: string;
  const call = (method: string, path: string, body?: object) => request(url, method, path, { key, body });
  const timed = async <Result>(act: Promise<Result>) => {
    const started = performance.now();
    return { answer: await act, milliseconds: performance.now() - started };
  };

  before(async () => {
    key = (await folder.makeAdmin()).adminKey;
    url = (await folder.serve({ KEYWRIGHT_WORKERS: '2' }).ready).apiUrl;
    const application = await call('POST', '/v1/applications', { title: 'Application', description: '' });
    const fields = { name: 'Key', applicationId: application.body.id, environment: 'production' };
    const issued = await call('POST', '/v1/api-keys', fields);
    secret = issued.body.secret;
    id = issued.body.apiKey.id;
  });
  after(() => folder.remove());

  test('costs verifications nothing; changes are refused within seconds, and made again as soon as it goes on or is killed', async (t) => {
    for (const ending of ['SIGCONT', 'SIGKILL'] as const) {
      const writer = await startWriter(folder.folder);
      writer.kill('SIGSTOP');
      const change = timed(call('POST', `/v1/api-keys/${id}/disable`));
      const verifications: number[] = [];
      let isOver = false;
      void change.finally(() => {
        isOver = true;
      });
      while (!isOver) {
        const { answer, milliseconds } = await timed(call('POST', '/v1/verify', { secret }));
        assert.equal(answer.body.allowed, true);
        verifications.push(milliseconds);
        await pause(5);
      }
      const refused = await change;
      assert.equal(refused.answer.status, 503);
      assert.equal(refused.answer.body.code, 'unavailable');
      assert.ok(refused.milliseconds < 9_000);

      const next = timed(call('POST', `/v1/api-keys/${id}/disable`));
      writer.kill(ending);
      writer.stdin?.end();
      const made = await next;
      assert.equal(made.answer.status, 200);
      assert.equal((await call('POST', '/v1/verify', { secret })).body.reason, 'inactive');
      await call('POST', `/v1/api-keys/${id}/enable`);
      const of = (share: number) => quantile(verifications, share).toFixed(1);
      t.diagnostic(
        `a change was refused after ${refused.milliseconds.toFixed(0)} ms; meanwhile ${verifications.length} verifications, ` +
          `p50 ${of(0.5)} ms, p99 ${of(0.99)} ms, max ${of(1)} ms; the next change returned ${made.milliseconds.toFixed(0)} ms after ${ending}`,
      );
    }
  });
});
