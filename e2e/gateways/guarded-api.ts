import assert from 'node:assert/strict';
import type { Keywright } from '../../server/test/harness.ts';

export type GuardedApi = {
  apiId: string;
  applicationId: string;
  /** Issues a key of the application, in production with the API's read scope unless said. */
  issue: (fields?: Record<string, unknown>) => Promise<{ id: string; secret: string }>;
};

/**
 * An API with an application that may call some of its endpoints: `GET /orders`, `GET /orders/{id}`, `POST /orders` and
 * `DELETE /orders/{id}`. Not connected are `GET /orders/{id}/notes` and all under `/admin`.
 */
export async function setUpGuardedApi(kw: Keywright, slug: string, key = kw.adminKey): Promise<GuardedApi> {
  const call = async (method: string, path: string, body: unknown) => {
    const answer = await kw.call(method, path, { body, key });
    assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const read = [`${slug}:read`];
  const full = [`${slug}:full`];
  const api = await call('POST', '/v1/apis', {
    name: slug,
    slug,
    scopes: [
      { name: read[0], description: 'See', access: 'read' },
      { name: full[0], description: 'See and change', access: 'full' },
    ],
    endpoints: [
      { method: 'GET', path: '/orders', scopes: read },
      { method: 'GET', path: '/orders/{id}', scopes: read },
      { method: 'POST', path: '/orders', scopes: full },
      { method: 'DELETE', path: '/orders/{id}', scopes: full },
      { method: 'GET', path: '/orders/{id}/notes', scopes: read },
      { method: 'GET', path: '/admin', scopes: read },
      { method: 'GET', path: '/admin/{page}', scopes: read },
    ],
  });
  const endpoints: { id: string; method: string; path: string }[] = api.endpoints;
  const connected = endpoints.filter(({ path }) => path === '/orders' || path === '/orders/{id}');
  assert.equal(connected.length, 4);
  const application = await call('POST', '/v1/applications', { title: `Client of ${slug}`, description: '' });
  await call('PUT', `/v1/applications/${application.id}/connections`, {
    connections: [{ apiId: api.id, endpoints: connected.map(({ id }) => id) }],
  });
  return {
    apiId: api.id,
    applicationId: application.id,
    issue: async (fields = {}) => {
      const issued = await call('POST', '/v1/api-keys', {
        name: 'key',
        applicationId: application.id,
        environment: 'production',
        scopes: read,
        ...fields,
      });
      return { id: issued.apiKey.id, secret: issued.secret };
    },
  };
}
