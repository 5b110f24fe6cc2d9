import { compileApi } from '../../src/verification/endpoint-router.ts';

export type Route = string | [method: string, path: string];

/** An API whose endpoints' ids are what they are written as: `GET /a`. */
export function router(...routes: Route[]) {
  const endpoints = routes.map((route) => {
    const [method, path] = typeof route === 'string' ? ['GET', route] : route;
    return { id: `${method} ${path}`, method, path, scopes: [`scope of ${path}`] };
  });
  return compileApi({ id: 'api', slug: 'slug', scopeNames: ['x:read', 'x:full'], endpoints });
}
