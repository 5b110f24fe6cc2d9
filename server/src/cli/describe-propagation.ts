import type { Committed } from '../domain/audit/transact.ts';

export type Propagation = Committed<unknown>['propagation'];

/** What a person is told of a change that has returned: since when it holds, and for whom not yet. */
export function describePropagation({
  verifiers,
  milliseconds,
  staleVerifiers,
  staleUntil,
}: Propagation): string {
  if (staleVerifiers !== undefined && staleUntil !== undefined) {
    return (
      `${count(staleVerifiers)} cannot be reached and may use the state before until ${staleUntil} (KEYWRIGHT_ON_OUTAGE); ` +
      `${count(verifiers)} more let go of it, in ${milliseconds} ms.`
    );
  }
  // Verifiers on SQLite look before they answer, so that there is nobody to wait for.
  if (verifiers === 0) return 'Every verifier sees it from now on.';
  return `Every verifier has let go of the state before (${verifiers}, in ${milliseconds} ms).`;
}

function count(verifiers: number): string {
  return verifiers === 1 ? '1 verifier' : `${verifiers} verifiers`;
}
