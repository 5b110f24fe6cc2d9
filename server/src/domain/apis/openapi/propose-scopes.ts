import type { ReadEndpoint, ReadScope } from './openapi-reading.ts';
import { SAFE_METHODS } from './scope-access.ts';

/**
 * The scopes for an API whose document declares none: `<slug>:read`, asked for by reading methods, and `<slug>:full`, asked for by all
 * others. A key with full may read too: where an API has both, full satisfies read.
 */
export function proposeScopes(
  slug: string,
  endpoints: readonly ReadEndpoint[],
): { scopes: ReadScope[]; endpoints: ReadEndpoint[] } {
  const read = [`${slug}:read`];
  const full = [`${slug}:full`];
  return {
    scopes: [
      {
        name: `${slug}:read`,
        description: 'Call the reading methods (GET, HEAD, OPTIONS, TRACE).',
        access: 'read',
      },
      { name: `${slug}:full`, description: 'Call all methods.', access: 'full' },
    ],
    endpoints: endpoints.map(({ method, path }) => ({
      method,
      path,
      scopes: SAFE_METHODS.has(method) ? read : full,
    })),
  };
}
