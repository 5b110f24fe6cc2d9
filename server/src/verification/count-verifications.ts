import { UnavailableError } from '../lib/unavailable-error.ts';
import type { Verification } from './conclude.ts';
import type { DenialReason } from './types.ts';
import type { Verifier } from './verifier.ts';

/** `unavailable`: no decision could be made. `error`: a mistake of ours. */
export type VerificationOutcome = 'allowed' | DenialReason | 'unavailable' | 'error';
export type VerificationCounts = Record<VerificationOutcome, number>;

/** Every outcome from 0 on: what appears only with its first time has no rate at that time. */
export function createVerificationCounts(): VerificationCounts {
  return {
    allowed: 0,
    malformed: 0,
    unknown_key: 0,
    revoked: 0,
    expired: 0,
    inactive: 0,
    wrong_environment: 0,
    ip_not_allowed: 0,
    unknown_endpoint: 0,
    endpoint_not_connected: 0,
    insufficient_scope: 0,
    unavailable: 0,
    error: 0,
  };
}

/** The same verifications, counted. */
export function countVerifications(
  verify: Verifier['verify'],
  counts: VerificationCounts,
): Verifier['verify'] {
  const count = (verification: Verification): Verification => {
    counts[verification.allowed ? 'allowed' : verification.reason] += 1;
    return verification;
  };
  const countFailure = (error: unknown): never => {
    counts[error instanceof UnavailableError ? 'unavailable' : 'error'] += 1;
    throw error;
  };
  return (input) => {
    let answer: ReturnType<Verifier['verify']>;
    try {
      answer = verify(input);
    } catch (error) {
      return countFailure(error);
    }
    return answer instanceof Promise ? answer.then(count, countFailure) : count(answer);
  };
}
