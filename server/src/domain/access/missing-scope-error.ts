import { AppError, type FieldError } from '../errors.ts';

/** What was asked needs scopes that a management key, or whoever created it, does not hold: `missing` names them. */
export class MissingScopeError extends AppError {
  readonly missing: readonly string[];

  constructor(publicMessage: string, missing: readonly string[], fields: readonly FieldError[] = []) {
    super('forbidden', publicMessage, { fields });
    this.missing = missing;
  }
}
