import type { RequestListener } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import { createApi } from './create-api.ts';
import type { HttpDeps } from './http-deps.ts';
import { describeRefusal, malformed, refusalHeaders } from './refuse-connection.ts';

/** The management API as Node's server takes it. */
export function createApiListener(deps: HttpDeps): RequestListener {
  return getRequestListener(createApi(deps).fetch, {
    // HTTP/1.0, which some health checks speak, has no Host header. The name is not used for anything.
    hostname: 'localhost',
    errorHandler: (error) => {
      // Of Host and the request target the framework makes a URL: what is none is the client's mistake.
      const refusal = error instanceof RequestError ? malformed : internal;
      const requestId = deps.services.newId('req');
      if (refusal === internal) deps.log.error({ requestId }, error, 'internal');
      return new Response(describeRefusal(refusal, requestId), {
        status: refusal.status,
        headers: refusalHeaders(refusal, requestId),
      });
    },
  });
}

const internal = { status: 500, code: 'internal', detail: 'Something went wrong on our side.' };
