import { AppError } from './errors.ts';

/**
 * Refuses a change made from an old reading of the object.
 * @throws AppError `precondition_failed` where the caller sent If-Match and the object has changed since.
 */
export function checkRevision(current: number, expected: number | undefined): void {
  if (expected === undefined || expected === current) return;
  throw new AppError(
    'precondition_failed',
    'This was changed since you read it. Read it again, and send its new ETag in If-Match.',
  );
}
