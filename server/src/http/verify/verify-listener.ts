import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { authorizeSomewhere } from '../../domain/access/authorize.ts';
import type { HttpDeps } from '../http-deps.ts';
import { problemHeaders, toProblem } from '../problem.ts';
import { defaultBodyLimit, parseBody } from '../read-body.ts';
import { authenticateRequest } from '../request-context.ts';
import { verifyRoute } from '../routes/verify.ts';
import { secureHeaderFields } from '../secure-headers.ts';
import { validateParts } from '../validate.ts';
import { verifyInput } from './verify-schemas.ts';

/** As they go out in any case, name after value: what `writeHead` takes without looking at each. */
const fixedHeaders = Object.entries(secureHeaderFields).flat();
const successHeaders = ['content-type', 'application/json', 'Cache-Control', 'no-store'];

/**
 * Answers ordinary requests of the verify route straight from the socket, and hands every other request, and whatever is
 * unusual about this one, to `framework`, which has the same route. Both use the same authentication, body reading, schema,
 * handler and problems, so their answers are the same; only the framework's own objects, which cost three times as much as
 * the verification, are left out.
 */
export function createVerifyListener(deps: HttpDeps, framework: RequestListener): RequestListener {
  return (request, response) => {
    if (!isOrdinary(request)) {
      framework(request, response);
      return;
    }
    answer(deps, request, response).catch((error) => {
      deps.log.error({}, error, 'an answer could not be sent');
      response.destroy();
    });
  };
}

async function answer(deps: HttpDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = deps.services.newId('req');
  try {
    const ctx = await authenticateRequest(deps, {
      id: requestId,
      // For audit events only, and a verification writes none.
      ip: null,
      userAgent: request.headers['user-agent'],
      authorization: request.headers.authorization,
    });
    authorizeSomewhere(ctx, [verifyRoute.action]);
    const raw = parseBody(await readBytes(request), request.headers['content-type'] ?? null, verifyRoute);
    const [body] = validateParts([{ schema: verifyInput, value: raw, where: '' }]);
    const input = { params: undefined, query: undefined, body, expectedRevision: undefined };
    const { body: verification } = await verifyRoute.handle(ctx, input, deps);
    send(response, verifyRoute.status, requestId, successHeaders, verification);
  } catch (error) {
    // Whoever went away before the end of the body hears nothing.
    if (response.headersSent || (request.destroyed && !request.complete)) return;
    const problem = toProblem(error, verifyRoute.path, requestId);
    if (problem.status >= 500) deps.log.error({ requestId }, error, problem.code);
    send(response, problem.status, requestId, Object.entries(problemHeaders(problem, error)).flat(), problem);
  }
}

/**
 * The headers that are read here are there once, and the length of the body is known and allowed. What a doubled header, a
 * chunked or compressed body or an If-Match gets is the framework's to say.
 */
function isOrdinary(request: IncomingMessage): boolean {
  if (request.url !== verifyRoute.path || request.method !== 'POST') return false;
  const { headers, rawHeaders } = request;
  if (headers['if-match'] !== undefined || headers['content-encoding'] !== undefined) return false;
  const length = headers['content-length'];
  if (length === undefined || Number(length) > (verifyRoute.bodyLimit ?? defaultBodyLimit)) return false;
  let seen = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length === 13 && name.toLowerCase() === 'authorization') seen++;
    else if (name.length === 12 && name.toLowerCase() === 'content-type') seen++;
  }
  return seen === 2;
}

/** At most as many bytes as Content-Length says: the parser gives no more. */
function readBytes(request: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

function send(
  response: ServerResponse,
  status: number,
  requestId: string,
  headers: readonly string[],
  body: object,
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, [
    ...headers,
    ...fixedHeaders,
    'X-Request-Id',
    requestId,
    'content-length',
    String(Buffer.byteLength(text)),
  ]);
  response.end(text);
}
