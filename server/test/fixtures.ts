import assert from 'node:assert/strict';
import type { Body, Keywright } from './harness.ts';

export type Application = { id: string };
export type Api = { id: string; slug: string; endpoints: { id: string; method: string; path: string }[] };

/** Whoever can send calls as an administrator: a Keywright in this process, or others that clients reach. */
export type Caller = Pick<Keywright, 'call' | 'adminKey'>;

let made = 0;

/** An API called `orders` (with a number) that has `<slug>:read`, `<slug>:full` and three endpoints. */
export async function makeApi(kw: Caller, key = kw.adminKey): Promise<Api> {
  const slug = `orders-${++made}`;
  return must(kw, 'POST', '/v1/apis', key, {
    name: `Orders ${made}`,
    slug,
    scopes: [
      { name: `${slug}:read`, description: 'See orders', access: 'read' },
      { name: `${slug}:full`, description: 'See and change orders', access: 'full' },
    ],
    endpoints: [
      { method: 'GET', path: '/orders', scopes: [`${slug}:read`] },
      { method: 'GET', path: '/orders/{id}', scopes: [`${slug}:read`] },
      { method: 'POST', path: '/orders', scopes: [`${slug}:full`] },
    ],
  });
}

/** An application connected to these APIs, to all their endpoints unless said. */
export async function makeApplication(
  kw: Caller,
  options: {
    connectedTo?: readonly Api[];
    endpoints?: readonly string[];
    teamId?: string;
    key?: string;
  } = {},
): Promise<Application> {
  const key = options.key ?? kw.adminKey;
  const application = await must(kw, 'POST', '/v1/applications', key, {
    title: `Application ${++made}`,
    description: '',
    ...(options.teamId === undefined ? {} : { teamId: options.teamId }),
  });
  await must(kw, 'PUT', `/v1/applications/${application.id}/connections`, key, {
    connections: (options.connectedTo ?? []).map((api) => ({
      apiId: api.id,
      endpoints: options.endpoints ?? 'all',
    })),
  });
  return application;
}

export type Issued = { apiKey: Body; secret: string };

/** A key of the application, in production with no scopes unless said. */
export function issueKey(
  kw: Caller,
  applicationId: string,
  fields: Record<string, unknown> = {},
  key = kw.adminKey,
): Promise<Issued> {
  const body = { name: `Key ${++made}`, applicationId, environment: 'production', scopes: [], ...fields };
  return must(kw, 'POST', '/v1/api-keys', key, body);
}

/** What `POST /v1/verify` decides. */
export async function verify(
  kw: Caller,
  question: Record<string, unknown>,
  key = kw.adminKey,
): Promise<Body> {
  const answer = await kw.call('POST', '/v1/verify', { body: question, key });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

async function must(kw: Caller, method: string, path: string, key: string, body: unknown) {
  const answer = await kw.call(method, path, { body, key });
  assert.ok(
    answer.status === 200 || answer.status === 201,
    `${method} ${path}: ${JSON.stringify(answer.body)}`,
  );
  return answer.body;
}
