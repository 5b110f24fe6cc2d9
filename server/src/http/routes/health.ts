import type { Hono } from 'hono';
import type { Env } from '../create-api.ts';
import type { HttpDeps } from '../http-deps.ts';

/**
 * `/healthz`: the process answers. `/readyz`: whether it can decide, too, and what it stands on; a load balancer asks
 * this one.
 */
export function mountHealth(app: Hono<Env>, deps: HttpDeps): void {
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', async (c) => {
    const readiness = await deps.readReadiness();
    c.header('Cache-Control', 'no-store');
    return c.json(readiness, readiness.status === 'ready' ? 200 : 503);
  });
}
