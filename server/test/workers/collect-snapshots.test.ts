import assert from 'node:assert/strict';
import type { Worker } from 'node:cluster';
import { test } from 'node:test';
import { renderSnapshots } from '../../src/lib/metrics/join-snapshots.ts';
import { counter, gauge, histogram, type MetricSnapshot } from '../../src/lib/metrics/metric-snapshot.ts';
import { createSnapshotCollector } from '../../src/workers/collect-snapshots.ts';
import { parseExposition, sumOf } from '../metrics/parse-exposition.ts';

const worker = (id: number) => ({ id }) as Worker;
const [one, two] = [worker(1), worker(2)];

function said(count: number): MetricSnapshot[] {
  const times = { bounds: [0.5, 1], counts: [count, 0, 1], sum: count + 2 };
  return [
    counter('a_total', 'Things that were counted.', [[{ kind: 'x' }, count]]),
    gauge('b', 'How many there are now.', [[{}, count]]),
    gauge('c', 'The least of what there are now.', [[{}, count]], 'min'),
    histogram('d_seconds', 'How long things took.', [[{ kind: 'x' }, times]]),
  ];
}

async function read(snapshots: MetricSnapshot[][]) {
  const families = parseExposition(await renderSnapshots(snapshots));
  return ['a_total', 'b', 'c', 'd_seconds_count', 'd_seconds_sum'].map((name) => sumOf(families, name));
}

test('what workers count is added up as each metric says, histograms bucket by bucket', async () => {
  const collector = createSnapshotCollector((asked) => collector.heard(asked, said(asked.id * 10)));
  const snapshots = await collector.collect([one, two]);
  assert.deepEqual(await read(snapshots), [30, 30, 10, 32, 34]);
  const { samples = [] } = parseExposition(await renderSnapshots(snapshots)).get('d_seconds') ?? {};
  assert.deepEqual(
    samples.filter(({ labels }) => 'le' in labels).map(({ labels, value }) => [labels.le, value]),
    [
      ['0.5', 30],
      ['1', 30],
      ['+Inf', 32],
    ],
  );
});

test('what a worker counted stays when it is gone, what it had does not; one after another, and who never said anything is no loss', async () => {
  let counts = 10;
  const collector = createSnapshotCollector((asked) => collector.heard(asked, said(counts)));
  await collector.collect([one, two]);
  collector.ended(one);
  collector.ended(worker(3));
  assert.deepEqual(await read(await collector.collect([two])), [20, 10, 10, 22, 24]);
  collector.ended(two);
  const third = worker(4);
  counts = 1;
  assert.deepEqual(await read(await collector.collect([third])), [21, 1, 1, 24, 27]);
});

test('a worker that does not answer is waited for 1 s, and what it said before stands', async () => {
  let isSilent = false;
  const collector = createSnapshotCollector((asked) => {
    if (asked === one || !isSilent) collector.heard(asked, said(isSilent ? 11 : 10));
  });
  await collector.collect([one, two]);
  isSilent = true;
  const started = performance.now();
  assert.deepEqual((await read(await collector.collect([one, two])))[0], 21);
  assert.ok(performance.now() - started < 5_000);
});
