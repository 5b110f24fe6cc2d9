import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Family, parseExposition, sumOf } from '../metrics/parse-exposition.ts';
import { type Crew, until, withCrew } from './crew.ts';

const count = 3;
const malformed = { outcome: 'malformed' };
const total = 'keywright_verifications_total';

async function scrape({ gatewayUrl }: Crew): Promise<Map<string, Family>> {
  // A worker that is stopped takes a connection too, and says nothing on it.
  const attempt = () => fetch(`${gatewayUrl}/metrics`, { signal: AbortSignal.timeout(4_000) });
  const response = await attempt().catch(attempt);
  assert.equal(response.status, 200);
  return parseExposition(await response.text());
}

describe('the metrics of several workers', { concurrency: 2 }, () => {
  it('are the sum over all of them, whichever is asked, and do not fall when one is killed', () =>
    withCrew('sqlite', count, async (crew) => {
      const lines = await crew.lines();
      const verify = async (worker: number, times: number) => {
        for (let time = 0; time < times; time += 1) {
          const options = { key: crew.adminKey, body: { secret: 'none' } };
          assert.equal((await lines[worker - 1]?.ask('POST', '/v1/verify', options))?.status, 200);
        }
      };
      for (let worker = 1; worker <= count; worker += 1) await verify(worker, worker);
      for (let time = 0; time < 2 * count; time += 1)
        assert.equal(sumOf(await scrape(crew), total, malformed), 6);
      const before = await scrape(crew);
      assert.equal(sumOf(before, 'keywright_workers_serving'), count);
      assert.equal(sumOf(before, 'keywright_worker_restarts_total'), 0);
      assert.ok(sumOf(before, 'process_resident_memory_bytes') > 4 * 30_000_000, 'the main process too');

      process.kill(crew.pids()[1] ?? 0, 'SIGKILL');
      await until('Another one serves', async () => {
        const now = await scrape(crew);
        assert.equal(sumOf(now, total, malformed), 6, 'what the one that was killed had told stays');
        return (
          sumOf(now, 'keywright_worker_restarts_total') === 1 &&
          sumOf(now, 'keywright_workers_serving') === count
        );
      });
      await verify(1, 1);
      const after = await scrape(crew);
      assert.equal(sumOf(after, total, malformed), 7);
      for (const [name, { type, samples }] of before)
        if (type === 'counter')
          for (const { labels, value } of samples) assert.ok(sumOf(after, name, labels) >= value, name);
    }));

  it('hold what a worker counted up to its last request, where it was told to end', () =>
    withCrew('sqlite', 2, async (crew) => {
      const [first] = await crew.lines();
      const options = { key: crew.adminKey, body: { secret: 'none' } };
      await first?.ask('POST', '/v1/verify', options);
      const [pid = 0] = crew.pids();
      process.kill(pid, 'SIGTERM');
      await until('Another one serves', () => crew.pids()[0] !== pid);
      assert.equal(sumOf(await scrape(crew), total, malformed), 1);
    }));

  it('come without what a stopped worker would add, and with what it had told', () =>
    withCrew('sqlite', count, async (crew) => {
      const lines = await crew.lines();
      const options = { key: crew.adminKey, body: { secret: 'none' } };
      for (const line of lines) await line.ask('POST', '/v1/verify', options);
      assert.equal(sumOf(await scrape(crew), total, malformed), count);
      const [stopped = 0] = crew.pids();
      process.kill(stopped, 'SIGSTOP');
      await lines[1]?.ask('POST', '/v1/verify', options);
      assert.equal(sumOf(await scrape(crew), total, malformed), count + 1);
      process.kill(stopped, 'SIGCONT');
    }));
});
