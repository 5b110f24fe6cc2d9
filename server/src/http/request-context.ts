import { createHmac } from 'node:crypto';
import type { Ctx } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import type { Authenticated } from '../domain/management-keys/authenticate-management-key.ts';
import { hideSecrets } from '../lib/hide-secrets.ts';
import type { HttpDeps } from './http-deps.ts';
import { NothingPresentedError } from './nothing-presented-error.ts';
import type { Route } from './route.ts';

export type CallerRequest = {
  id: string;
  ip: string | null;
  userAgent: string | undefined;
  authorization: string | undefined;
};

/**
 * Who calls, as the context that every verb takes first.
 * @throws AppError `unauthenticated`; the message is the same for unknown, expired and revoked.
 */
export async function authenticateRequest(deps: HttpDeps, request: CallerRequest): Promise<Ctx> {
  if (request.authorization === undefined) throw new NothingPresentedError();
  const presented = readBearer(request.authorization);
  if (presented === undefined) {
    throw new AppError('unauthenticated', 'Send a management key: Authorization: Bearer kwm_…');
  }
  const known = await deps.authenticate(presented);
  if (known === undefined) {
    throw new AppError('unauthenticated', 'This management key is not known, has expired or was revoked.');
  }
  noteCaller(deps, known);
  return {
    ...deps.services,
    actor: known.actor,
    organizationId: known.organizationId,
    request: {
      id: request.id,
      ip: request.ip,
      userAgent: hideSecrets(request.userAgent ?? '').slice(0, 256) || null,
    },
  };
}

/** RFC 6750, section 2.1: what is presented, or undefined for a header of another form. */
export function readBearer(authorization: string | undefined): string | undefined {
  return /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? '')?.[1];
}

export function noteCaller({ uses, services }: HttpDeps, { actor, organizationId }: Authenticated): void {
  uses.managementKey(actor.id, organizationId, services.clock());
}

/**
 * Adds what `Idempotency-Key` says to the context of a route that creates. The key, where some put what they should not,
 * and the body are kept as HMACs only.
 * @throws AppError `invalid_request` for a key that is none.
 */
export function withIdempotency(ctx: Ctx, route: Route, header: string | null, body: unknown): Ctx {
  if (!route.creates || header === null) return ctx;
  // The draft writes it as a quoted string; most clients send it bare.
  const key = /^"?([\x21\x23-\x7e]{1,255})"?$/.exec(header)?.[1];
  if (key === undefined) {
    throw new AppError(
      'invalid_request',
      'The Idempotency-Key header must have 1 to 255 visible characters.',
    );
  }
  const name = `${route.method.toUpperCase()} ${route.path}`;
  // The audit key's own messages begin otherwise, so that neither can stand for the other.
  const hash = (text: string) =>
    createHmac('sha256', ctx.auditKey).update('idempotency\0').update(text).digest('hex');
  return {
    ...ctx,
    idempotency: { key: hash(key), route: name, requestHash: hash(writeAsText(body)) },
  };
}

/** Documents are not held to the depth of other bodies, and writing overflows the stack where parsing does not. */
function writeAsText(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (error) {
    throw new AppError('invalid_request', 'The body is nested too deeply.', { cause: error });
  }
}

/**
 * The revision that If-Match names; `*` and no header ask for none.
 * @throws AppError `precondition_failed` for an ETag that is none of ours.
 */
export function readIfMatch(header: string | null): number | undefined {
  if (header === null || header.trim() === '*') return undefined;
  const revision = /^"(\d{1,15})"$/.exec(header.trim())?.[1];
  if (revision === undefined) {
    throw new AppError(
      'precondition_failed',
      'If-Match must be the ETag that you were given, with its quotes.',
    );
  }
  return Number(revision);
}
