import { OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { problemSchema } from './response-schemas.ts';
import type { Route } from './route.ts';
import { allRoutes } from './routes/all-routes.ts';

/** The OpenAPI 3.1 document of the API: what `GET /openapi.json` answers and docs/openapi.json holds. */
export function buildOpenApiDocument(): unknown {
  const hono = new OpenAPIHono();
  hono.openAPIRegistry.registerComponent('securitySchemes', 'managementKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'A management key: kwm_….',
  });
  for (const route of allRoutes) register(hono, route);
  return hono.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Keywright',
      version: '1',
      description: 'Issue, see, scope, switch off, revoke and delete API keys, and ask whether one may pass.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
  });
}

function register(hono: OpenAPIHono, route: Route): void {
  const json = (schema: z.ZodType) => ({ 'application/json': { schema } });
  const problem = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: problemSchema } },
  });
  const changes = route.method !== 'get' && route.operationId !== 'verify';
  hono.openAPIRegistry.registerPath({
    method: route.method,
    path: route.path,
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    description: [route.description, `Needs the scope \`${route.action}\`.`].filter(Boolean).join(' '),
    security: [{ managementKey: [] }],
    request: {
      ...headersOf(route),
      ...(route.params === undefined ? {} : { params: route.params as z.ZodObject }),
      ...(route.query === undefined ? {} : { query: route.query as z.ZodObject }),
      ...(route.body === undefined
        ? {}
        : { body: { required: !route.bodyIsOptional, content: json(route.body) } }),
    },
    responses: {
      [route.status]: { description: 'Done', content: json(route.response), ...etagOf(route) },
      ...(route.statusOfUpdate === undefined
        ? {}
        : { [route.statusOfUpdate]: { description: 'Done: it was there', content: json(route.response) } }),
      400: problem('A field is wrong: `errors` names each, and the remedy'),
      401: problem('No management key, or one that is not good'),
      403: problem('The management key lacks a scope'),
      ...(route.params === undefined ? {} : { 404: problem('There is no such object in the organization') }),
      ...(changes ? { 409: problem('It conflicts with what is there: `code` says how') } : {}),
      ...(takesIfMatch(route) ? { 412: problem('It was changed since the ETag in If-Match was given') } : {}),
      ...(route.body === undefined
        ? {}
        : {
            413: problem('The body is too large'),
            415: problem('The body is not sent as application/json'),
          }),
      ...(changes ? { 422: problem('It is well-formed, but a rule forbids it: `code` says which') } : {}),
      503: problem('Keywright cannot decide right now; try again'),
    },
  });
}

function takesIfMatch(route: Route): boolean {
  return route.method === 'patch' || route.method === 'put';
}

function headersOf(route: Route): { headers?: z.ZodObject } {
  if (route.creates) return { headers: z.object({ 'Idempotency-Key': idempotencyKey.optional() }) };
  return takesIfMatch(route) ? { headers: z.object({ 'If-Match': ifMatch.optional() }) } : {};
}

const idempotencyKey = z.string().meta({
  description:
    'A name of yours for this request: sent again with the same body, it answers what the first call made. Kept for 24 hours.',
});
const ifMatch = z
  .string()
  .meta({ description: 'The ETag that you were given: refused with 412 where it has changed.' });

/** What can be changed with If-Match is shown with its ETag. */
function etagOf(route: Route): { headers?: z.ZodObject } {
  const oneObject = route.path.endsWith('}') || route.path.endsWith('/connections');
  return oneObject && (route.method === 'get' || takesIfMatch(route))
    ? { headers: z.object({ ETag: z.string().optional() }) }
    : {};
}
