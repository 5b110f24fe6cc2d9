import type { RequestListener } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import { createApi } from './create-api.ts';
import type { HttpDeps } from './http-deps.ts';
import { describeRefusal, malformed } from './refuse-connection.ts';

/** The management API as Node's server takes it. */
export function createApiListener(deps: HttpDeps): RequestListener {
  return getRequestListener(createApi(deps).fetch, {
    // HTTP/1.0, which some health checks speak, has no Host header. The name is not used for anything.
    hostname: 'localhost',
    errorHandler: (error) => {
      // Of Host and the request target the framework makes a URL: what is none is the client's mistake.
      if (!(error instanceof RequestError)) deps.log.error({}, error, 'internal');
      const refusal = error instanceof RequestError ? malformed : internal;
      return new Response(describeRefusal(refusal), {
        status: refusal.status,
        headers: {
          'content-type': 'application/problem+json',
          'cache-control': 'no-store',
          connection: 'close',
        },
      });
    },
  });
}

const internal = { status: 500, code: 'internal', detail: 'Something went wrong on our side.' };
