import type { Verification } from '../../verification/conclude.ts';
import type { DenialReason } from '../../verification/types.ts';
import { bearerChallenge } from '../bearer-challenge.ts';
import type { Dialect } from './dialects.ts';
import { identityHeaders } from './identity-headers.ts';

/** `not_presented`: there was no key at all. `gateway_misconfigured`, `unavailable`: nothing could be decided about one. */
type GatewayReason = DenialReason | 'not_presented' | 'gateway_misconfigured' | 'unavailable';

export type GatewayAnswer = { status: number; headers: Record<string, string>; body: string };

/** Reasons up to `inactive` are about the key itself, and answered 401; after it the key is good but not for this: 403. */
const denials: Readonly<Record<GatewayReason, { status: 401 | 403 | 503; detail: string }>> = {
  not_presented: { status: 401, detail: 'Send an API key, as Authorization: Bearer or as X-API-Key.' },
  malformed: { status: 401, detail: 'What was sent is not one well-formed API key.' },
  unknown_key: { status: 401, detail: 'This API key is not known here.' },
  revoked: { status: 401, detail: 'This API key was revoked.' },
  expired: { status: 401, detail: 'This API key has expired.' },
  inactive: { status: 401, detail: 'This API key is switched off.' },
  wrong_environment: { status: 403, detail: 'This API key belongs to another environment.' },
  ip_not_allowed: { status: 403, detail: 'This API key may not be used from this address.' },
  unknown_endpoint: { status: 403, detail: 'There is no such endpoint.' },
  endpoint_not_connected: {
    status: 403,
    detail: 'The application of this API key may not call this endpoint.',
  },
  insufficient_scope: { status: 403, detail: 'This API key lacks a scope that this endpoint needs.' },
  gateway_misconfigured: {
    status: 403,
    detail: 'The gateway is not set up right. Its operator finds the remedy in the log of Keywright.',
  },
  unavailable: { status: 503, detail: 'No decision can be made right now. Try again shortly.' },
};

const titles = { 401: 'Not authenticated', 403: 'Not allowed', 503: 'Unavailable' } as const;

/** A denial has an id to speak of it, and the path that the gateway asked: the client's own may hold what must not be repeated. */
type Asked = { dialect: Dialect; path: string; requestId: string };

/** A decision, or why there is none, as the gateway of this dialect can pass it on. No answer may be kept by anyone. */
export function gatewayAnswer(
  outcome: Verification | { reason: GatewayReason },
  { dialect, path, requestId }: Asked,
): GatewayAnswer {
  if ('allowed' in outcome && outcome.allowed) {
    return { status: 200, headers: { ...identityHeaders(outcome), 'Cache-Control': 'no-store' }, body: '' };
  }
  const { reason } = outcome;
  const { status, detail } = denials[reason];
  const headers: Record<string, string> = {
    'Cache-Control': 'no-store',
    'Content-Type': 'application/problem+json',
    'X-Auth-Reason': reason,
    'X-Request-Id': requestId,
  };
  const required = 'requiredScopes' in outcome ? outcome.requiredScopes : undefined;
  const challenge = challengeFor(reason, status, detail, required);
  if (challenge !== undefined) headers['WWW-Authenticate'] = challenge;
  if (status === 503) {
    headers['Retry-After'] = '1';
    if (dialect.outageStatus !== status) headers['X-Auth-Status'] = String(status);
  }
  return {
    status: status === 503 ? dialect.outageStatus : status,
    headers,
    body: JSON.stringify({
      type: 'about:blank',
      title: titles[status],
      status,
      detail,
      instance: path,
      code: reason,
      requestId,
    }),
  };
}

/**
 * Without a key the bare challenge (RFC 6750, section 3.1). Basic is taken but not asked for: a browser would ask its user
 * for a name and a password.
 */
function challengeFor(
  reason: GatewayReason,
  status: number,
  description: string,
  scopes: readonly string[] = [],
): string | undefined {
  if (reason === 'not_presented') return bearerChallenge();
  if (status === 401) return bearerChallenge({ error: 'invalid_token', description });
  if (reason === 'insufficient_scope') return bearerChallenge({ error: reason, description, scopes });
  return undefined;
}
