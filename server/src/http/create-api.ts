import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { authorizeSomewhere } from '../domain/access/authorize.ts';
import { AppError } from '../domain/errors.ts';
import type { HttpDeps } from './http-deps.ts';
import { problemResponse, toProblem } from './problem.ts';
import { readBody } from './read-body.ts';
import { authenticateRequest, readIfMatch, withIdempotency } from './request-context.ts';
import type { Route } from './route.ts';
import { allRoutes } from './routes/all-routes.ts';
import { mountDocs } from './routes/docs.ts';
import { mountHealth } from './routes/health.ts';
import { secureHeaders } from './secure-headers.ts';
import { showPath } from './show-path.ts';
import { validateParts } from './validate.ts';

export type Env = { Bindings: HttpBindings; Variables: { requestId: string; actorId: string | undefined } };

/** The management API as a Hono application. */
export function createApi(deps: HttpDeps): Hono<Env> {
  const app = new Hono<Env>();
  app.use(async (c, next) => {
    const started = performance.now();
    c.set('requestId', deps.services.newId('req'));
    await next();
    c.header('X-Request-Id', c.get('requestId'));
    secureHeaders(c);
    const seconds = (performance.now() - started) / 1_000;
    // The route, not the path: a path is the client's, and may hold what must not be logged.
    const route = c.req.routePath === '/*' ? undefined : c.req.routePath;
    deps.requestTimes.of('api', c.req.method, route ?? 'none')(c.res.status, seconds);
    // Verifications are too many for a line each; they are counted instead.
    if (c.req.routePath === '/v1/verify' && c.res.status < 500) return;
    deps.log.info(
      {
        requestId: c.get('requestId'),
        method: c.req.method,
        route,
        status: c.res.status,
        milliseconds: Math.round(seconds * 10_000) / 10,
        actor: c.get('actorId'),
      },
      'request',
    );
  });

  mountHealth(app, deps);
  mountDocs(app);
  for (const route of allRoutes) {
    const path = route.path.replace(/\{(\w+)\}/g, ':$1');
    app.on(route.method.toUpperCase(), path, (c) => run(deps, route, c));
  }
  refuseOtherMethods(app);
  app.notFound((c) =>
    fail(
      deps,
      c,
      new AppError('not_found', 'There is nothing at this path. GET /openapi.json lists what there is.'),
    ),
  );
  app.onError((error, c) => fail(deps, c as Context<Env>, error));
  return app;
}

/** A parameter that nobody reads is a mistake, and one that is dropped in silence is believed to have worked. */
const noQuery = z.strictObject({});

async function run(deps: HttpDeps, route: Route, c: Context<Env>): Promise<Response> {
  const header = (name: string) => c.req.header(name) ?? null;
  const ctx = await authenticateRequest(deps, {
    id: c.get('requestId'),
    ip: deps.readClientAddress(c.env.incoming),
    userAgent: c.req.header('user-agent'),
    authorization: c.req.header('authorization'),
  });
  c.set('actorId', ctx.actor.id);
  authorizeSomewhere(ctx, route.orAction === undefined ? [route.action] : [route.action, route.orAction]);
  const raw = route.body === undefined ? undefined : await readBody(c.req.raw, route);
  const parts = [
    ...(route.params === undefined
      ? []
      : [{ schema: route.params, value: c.req.param(), where: ':' as const }]),
    { schema: route.query ?? noQuery, value: readQuery(c), where: '?' as const },
    ...(route.body === undefined ? [] : [{ schema: route.body, value: raw, where: '' as const }]),
  ];
  const values = validateParts(parts);
  const take = (schema: unknown) => (schema === undefined ? undefined : values.shift());
  const input = {
    params: take(route.params),
    query: take(route.query ?? noQuery),
    body: take(route.body),
    expectedRevision: readIfMatch(header('if-match')),
  };
  const answer = await route.handle(withIdempotency(ctx, route, header('idempotency-key'), raw), input, deps);
  if (answer.revision !== undefined) c.header('ETag', `"${answer.revision}"`);
  for (const [name, value] of Object.entries(answer.headers ?? {})) c.header(name, value);
  c.header('Cache-Control', 'no-store');
  return c.json(answer.body, answer.status ?? route.status);
}

/** Each parameter once: of two, one would be believed and the other shown. */
function readQuery(c: Context<Env>): Record<string, string> {
  // Without a prototype a parameter called __proto__ is one like any other.
  const query: Record<string, string> = Object.create(null);
  for (const [name, value] of new URL(c.req.url).searchParams) {
    if (name in query) {
      throw new AppError('invalid_request', 'The request has a field that is not right.', {
        fields: [{ pointer: `?${name}`, message: 'is given more than once; give it once' }],
      });
    }
    query[name] = value;
  }
  return query;
}

function refuseOtherMethods(app: Hono<Env>): void {
  for (const path of new Set(allRoutes.map((route) => route.path))) {
    const allowed = allRoutes
      .filter((route) => route.path === path)
      .map((route) => route.method.toUpperCase());
    app.all(path.replace(/\{(\w+)\}/g, ':$1'), (c) => {
      c.header('Allow', allowed.join(', '));
      throw new AppError('method_not_allowed', `This path takes ${allowed.join(', ')}.`);
    });
  }
}

function fail(deps: HttpDeps, c: Context<Env>, error: unknown): Response {
  const problem = toProblem(error, showPath(c.req.path), c.get('requestId'));
  if (problem.status >= 500) deps.log.error({ requestId: problem.requestId }, error, problem.code);
  return problemResponse(c, problem, error);
}
