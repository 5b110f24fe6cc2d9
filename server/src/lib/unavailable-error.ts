/**
 * The database (or something else that a decision needs) cannot be reached, is full, or stays locked.
 * The caller may try again: HTTP answers 503. `reason` is a short code for the log, never a driver's own
 * text, which can quote values.
 */
export class UnavailableError extends Error {
  readonly reason: string;

  constructor(reason: string, options: { cause?: unknown } = {}) {
    super(
      `The database cannot be used right now (${reason}).`,
      options.cause === undefined ? undefined : options,
    );
    this.name = 'UnavailableError';
    this.reason = reason;
  }
}
