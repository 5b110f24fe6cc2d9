import type { Context } from 'hono';
import { MissingScopeError } from '../domain/access/missing-scope-error.ts';
import { AppError, type ErrorCode, type FieldError } from '../domain/errors.ts';
import { hideSecrets } from '../lib/hide-secrets.ts';
import { UnavailableError } from '../lib/unavailable-error.ts';
import { bearerChallenge } from './bearer-challenge.ts';
import { NothingPresentedError } from './nothing-presented-error.ts';

/** The one table of codes and statuses. */
export const statusOfCode: Readonly<Record<ErrorCode, number>> = {
  invalid_request: 400,
  malformed_json: 400,
  invalid_document: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  slug_taken: 409,
  application_has_keys: 409,
  key_limit_reached: 409,
  key_is_final: 409,
  precondition_failed: 412,
  body_too_large: 413,
  unsupported_media_type: 415,
  scope_not_connected: 422,
  policy_violation: 422,
  idempotency_key_reused: 422,
  internal: 500,
  unavailable: 503,
  propagation_unknown: 503,
};

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  412: 'Precondition failed',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Cannot be done',
  500: 'Internal error',
  503: 'Unavailable',
};

const longestPointer = 200;

/** RFC 9457, with our `code`, `requestId` and the list of wrong fields. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: ErrorCode;
  requestId: string;
  errors?: readonly FieldError[];
};

/** What is not an AppError is a bug or an outage: nothing of it goes out. */
export function toProblem(error: unknown, instance: string, requestId: string): Problem {
  const known =
    error instanceof AppError
      ? error
      : error instanceof UnavailableError
        ? new AppError('unavailable', 'Keywright cannot reach its database right now. Try again shortly.')
        : new AppError('internal', 'Something went wrong on our side. The log has it under this request id.');
  const status = statusOfCode[known.code];
  return {
    type: 'about:blank',
    title: titles[status] ?? 'Error',
    status,
    detail: hideSecrets(known.message),
    instance,
    code: known.code,
    requestId,
    ...(known.fields.length > 0 ? { errors: known.fields.map(presentField) } : {}),
  };
}

/** Names of members are the client's own text, and of any length. */
function presentField({ pointer, message }: FieldError): FieldError {
  const hidden = hideSecrets(pointer);
  return {
    pointer: hidden.length > longestPointer ? `${hidden.slice(0, longestPointer).toWellFormed()}…` : hidden,
    message: hideSecrets(message),
  };
}

export function problemResponse(c: Context, problem: Problem, error: unknown): Response {
  return c.body(JSON.stringify(problem), problem.status as 400, problemHeaders(problem, error));
}

export function problemHeaders(problem: Problem, error: unknown): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  const challenge = challengeFor(problem, error);
  if (challenge !== undefined) headers['www-authenticate'] = challenge;
  if (problem.status === 503) headers['retry-after'] = '1';
  return headers;
}

function challengeFor({ status, detail }: Problem, error: unknown): string | undefined {
  if (error instanceof NothingPresentedError) return bearerChallenge();
  if (status === 401) return bearerChallenge({ error: 'invalid_token', description: detail });
  if (!(error instanceof MissingScopeError)) return undefined;
  return bearerChallenge({ error: 'insufficient_scope', description: detail, scopes: error.missing });
}
