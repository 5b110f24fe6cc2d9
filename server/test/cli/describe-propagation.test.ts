import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describePropagation } from '../../src/cli/describe-propagation.ts';

describe('what the command line says of a change that has returned', () => {
  it('is how many verifiers let go, and in what time', () => {
    assert.equal(
      describePropagation({ verifiers: 4, milliseconds: 6.2 }),
      'Every verifier has let go of the state before (4, in 6.2 ms).',
    );
  });
  it('is that it holds, where each looks for itself', () => {
    assert.equal(
      describePropagation({ verifiers: 0, milliseconds: 0 }),
      'Every verifier sees it from now on.',
    );
  });
  it('names those that may be stale, and until when, where an operator chose availability', () => {
    const said = describePropagation({
      verifiers: 3,
      milliseconds: 40,
      staleVerifiers: 1,
      staleUntil: '2026-11-21T12:00:00.000Z',
    });
    assert.match(said, /^1 verifier cannot be reached .* until 2026-11-21T12:00:00\.000Z/);
    assert.match(said, /3 verifiers more let go of it, in 40 ms\.$/);
  });
});
