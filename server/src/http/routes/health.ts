import type { Hono } from 'hono';
import type { Env } from '../create-api.ts';
import type { HttpDeps } from '../http-deps.ts';

/** `/healthz`: the process answers. `/readyz`: it can decide, too; a load balancer asks this one. */
export function mountHealth(app: Hono<Env>, deps: HttpDeps): void {
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', async (c) =>
    (await deps.isReady()) ? c.json({ status: 'ready' }) : c.json({ status: 'not_ready' }, 503),
  );
}
