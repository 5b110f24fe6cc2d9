import assert from 'node:assert/strict';
import { test } from 'node:test';
import { poolSizeOf } from '../../src/database/pool-size.ts';
import { restartDelay } from '../../src/workers/restart-delay.ts';

test('another worker comes at once after a sound life, and later with each failure, up to 10 s', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1_000, 100_000].map(restartDelay),
    [0, 100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000, 10_000],
  );
});

test('a node of eight workers has room, with commands beside it, in the 100 connections that PostgreSQL allows', () => {
  assert.deepEqual([1, 2, 3, 4, 6, 8, 64].map(poolSizeOf), [20, 20, 13, 10, 6, 6, 6]);
  for (let workers = 1; workers <= 64; workers += 1) assert.ok(poolSizeOf(workers) >= 6);
  const kept = 2;
  assert.ok(8 * (poolSizeOf(8) + kept) <= 64);
});
