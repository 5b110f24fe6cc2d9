import type { z } from 'zod';
import { authorize } from '../../domain/access/authorize.ts';
import type { Verification, VerifyInput } from '../../verification/conclude.ts';
import { type Route, route } from '../route.ts';
import { verificationSchema, verifyInput } from '../verify/verify-schemas.ts';

/**
 * Bytes: above what every field at its longest has, each character escaped. Keys that may only verify are handed to many
 * programs, and a body that is looked through and then refused costs as much as one that is not.
 */
const bodyLimit = 300_000;

export const verifyRoute: Route = route({
  method: 'post',
  path: '/v1/verify',
  operationId: 'verify',
  tag: 'Verification',
  summary: 'Ask whether a presented secret may pass',
  description:
    'Answers 200 for every decision, allowed or denied with a reason. What a restriction depends on and is not given denies: a key with an IP list and no `ip`, an endpoint check without `api`, `method` or `path`.',
  action: 'api_keys:verify',
  body: verifyInput,
  bodyLimit,
  secretFields: 'all',
  status: 200,
  response: verificationSchema,
  handle: async (ctx, { body }, { verifier }) => {
    authorize(ctx, 'api_keys:verify');
    const verification = await verifier.verify(toVerifyInput(ctx.organizationId, body));
    return { body: presentVerification(verification) };
  },
});

export function toVerifyInput(organizationId: string, body: z.output<typeof verifyInput>): VerifyInput {
  return {
    organizationId,
    secret: body.secret,
    apiKeyId: body.apiKeyId ?? null,
    api: body.api ?? null,
    method: body.method ?? null,
    path: body.path ?? null,
    scopes: body.scopes,
    environment: body.environment,
    ip: body.ip ?? null,
    userAgent: body.userAgent ?? null,
  };
}

/** Of a denial the reason and the key: which scopes were required is said to gateways only. */
export function presentVerification(verification: Verification): object {
  if (verification.allowed) return verification;
  const { reason, apiKey } = verification;
  return { allowed: false, reason, ...(apiKey === undefined ? {} : { apiKey }) };
}

export const verifyRoutes: readonly Route[] = [verifyRoute];
