import assert from 'node:assert/strict';
import type { Keywright } from '../harness.ts';

export const readScope = (slug: string) => ({ name: `${slug}:read`, description: 'See', access: 'read' });
export const fullScope = (slug: string) => ({ name: `${slug}:full`, description: 'Change', access: 'full' });

/** Calls that tests of APIs make often. */
export function apiCalls(kw: () => Keywright) {
  return {
    /** Makes an API with `<slug>:read`, `<slug>:full` and three endpoints. */
    create: async (slug: string, fields: Record<string, unknown> = {}) => {
      const answer = await kw().call('POST', '/v1/apis', {
        body: {
          name: `The ${slug} API`,
          slug,
          scopes: [readScope(slug), fullScope(slug)],
          endpoints: [
            { method: 'GET', path: '/things', scopes: [`${slug}:read`] },
            { method: 'GET', path: '/things/{id}', scopes: [`${slug}:read`] },
            { method: 'POST', path: '/things', scopes: [`${slug}:full`] },
          ],
          ...fields,
        },
      });
      assert.equal(answer.status, 201, JSON.stringify(answer.body));
      return answer.body;
    },
    patch: (id: string, body: unknown, headers: Record<string, string> = {}) =>
      kw().call('PATCH', `/v1/apis/${id}`, { body, headers }),
  };
}
