import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';

describe('systemClock', () => {
  it('gives the epoch in milliseconds', () => {
    const before = Date.now();
    const now = systemClock();
    assert.ok(now >= before && now <= Date.now());
  });
});

describe('systemRandom', () => {
  it('gives as many bytes as asked for, others each time', () => {
    assert.equal(systemRandom(0).length, 0);
    assert.equal(systemRandom(32).length, 32);
    assert.notDeepEqual(systemRandom(32), systemRandom(32));
  });
});
