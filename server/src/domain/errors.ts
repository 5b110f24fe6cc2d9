/** Every way in which a call can fail for a reason that the caller can act on. `http/problem.ts` turns a code into a status. */
export type ErrorCode =
  | 'invalid_request'
  | 'malformed_json'
  | 'unsupported_media_type'
  | 'body_too_large'
  | 'invalid_document'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'slug_taken'
  | 'scope_not_connected'
  | 'application_has_keys'
  | 'key_limit_reached'
  | 'key_is_final'
  | 'policy_violation'
  | 'precondition_failed'
  | 'idempotency_key_reused'
  | 'unavailable'
  | 'propagation_unknown'
  | 'internal';

/** One field that is wrong: where it is (RFC 6901 pointer into the body, or `?name` for a query parameter), and the remedy. */
export type FieldError = { pointer: string; message: string };

/**
 * A failure that the caller can act on. `message` is public: it names the field and the remedy, never a secret.
 * `cause` stays in the log. Anything else that is thrown is a bug and becomes a bare 500.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly fields: readonly FieldError[];

  constructor(
    code: ErrorCode,
    publicMessage: string,
    options: { cause?: unknown; fields?: readonly FieldError[] } = {},
  ) {
    super(publicMessage, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.fields = options.fields ?? [];
  }
}
