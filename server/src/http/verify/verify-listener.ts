import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { authorizeSomewhere, isAllowed } from '../../domain/access/authorize.ts';
import type { Verification, VerifyInput } from '../../verification/conclude.ts';
import type { HttpDeps } from '../http-deps.ts';
import type { NoteRequest } from '../metrics/request-times.ts';
import { problemHeaders, toProblem } from '../problem.ts';
import { parseBody } from '../read-body.ts';
import { authenticateRequest, noteCaller, readBearer } from '../request-context.ts';
import { presentVerification, toVerifyInput, verifyRoute } from '../routes/verify.ts';
import { secureHeaderFields } from '../secure-headers.ts';
import { validateParts } from '../validate.ts';
import { createGatherer } from './gather.ts';
import { type Ordinary, readOrdinary } from './read-ordinary.ts';
import { readPlainBody } from './read-plain-body.ts';
import { verifyInput } from './verify-schemas.ts';

/** Name after value, what `writeHead` takes without looking at each; these come first, and two of them change. */
const changing = ['X-Request-Id', '', 'content-length', ''];
const idAt = 1;
const lengthAt = 3;
const fixedHeaders = [...changing, ...Object.entries(secureHeaderFields).flat()];
const successHeaders = [...fixedHeaders, 'content-type', 'application/json', 'Cache-Control', 'no-store'];

type Deps = HttpDeps & { note: NoteRequest };
/** `started`: when its headers had come, by `performance.now()`. */
type Arrived = {
  request: IncomingMessage;
  response: ServerResponse;
  headers: Ordinary;
  bytes: Buffer;
  started: number;
};

/**
 * Answers ordinary requests of the verify route straight from the socket, and hands every other request, and whatever is
 * unusual about this one, to `framework`, which has the same route. Both use the same authentication, body reading, schema,
 * handler and problems, so their answers are the same; only the framework's own objects, which cost several times as much as
 * the verification, are left out.
 */
export function createVerifyListener(given: HttpDeps, framework: RequestListener): RequestListener {
  const deps = { ...given, note: given.requestTimes.of('api', 'POST', verifyRoute.path) };
  const gather = createGatherer<Arrived>((arrived) => {
    if (answerAtOnce(deps, arrived)) return;
    answer(deps, arrived).catch((error) => {
      deps.log.error({}, error, 'an answer could not be sent');
      arrived.response.destroy();
    });
  });
  return (request, response) => {
    const isAsked = request.url === verifyRoute.path && request.method === 'POST';
    const headers = isAsked ? readOrdinary(request) : undefined;
    if (headers === undefined) {
      framework(request, response);
      return;
    }
    // At most as many bytes as Content-Length says: the parser gives no more. Whoever goes away before the end hears nothing.
    const started = performance.now();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      gather({ request, response, headers, bytes, started });
    });
  };
}

/** Without waiting for anything, where everything is at hand and as it nearly always is. False: not so, and nothing was done. */
function answerAtOnce(deps: Deps, arrived: Arrived): boolean {
  const verification = verifyAtOnce(deps, arrived);
  if (verification === undefined) return false;
  const requestId = deps.services.newId('req');
  const sendDecision = (known: Verification) =>
    sendSuccess(deps, arrived, requestId, presentVerification(known));
  if (verification instanceof Promise) {
    verification.then(sendDecision).catch((error) => sendProblem(deps, arrived, requestId, error));
  } else sendDecision(verification);
  return true;
}

function verifyAtOnce(
  deps: HttpDeps,
  { headers, bytes }: Arrived,
): Verification | Promise<Verification> | undefined {
  if (headers.contentType !== 'application/json') return undefined;
  const secret = readBearer(headers.authorization);
  if (secret === undefined) return undefined;
  let input: VerifyInput;
  try {
    const caller = deps.authenticate(secret);
    if (caller instanceof Promise) {
      // It is asked for again where one may wait, and fails there; here nobody waits for it, and that would end the process.
      caller.catch(() => undefined);
      return undefined;
    }
    if (caller === undefined) return undefined;
    const body = isAllowed(caller.actor, verifyRoute.action) ? readPlainBody(bytes) : undefined;
    if (body === undefined) return undefined;
    noteCaller(deps, caller);
    input = toVerifyInput(caller.organizationId, body);
  } catch {
    // It fails again where failures are answered.
    return undefined;
  }
  try {
    return deps.verifier.verify(input);
  } catch (error) {
    return Promise.reject(error);
  }
}

async function answer(deps: Deps, arrived: Arrived): Promise<void> {
  const { request, headers, bytes } = arrived;
  const requestId = deps.services.newId('req');
  try {
    const ctx = await authenticateRequest(deps, {
      id: requestId,
      // For audit events only, and a verification writes none.
      ip: null,
      userAgent: request.headers['user-agent'],
      authorization: headers.authorization,
    });
    authorizeSomewhere(ctx, [verifyRoute.action]);
    const raw = parseBody(bytes, headers.contentType, verifyRoute);
    const [body] = validateParts([{ schema: verifyInput, value: raw, where: '' }]);
    const input = { params: undefined, query: undefined, body, expectedRevision: undefined };
    const { body: verification } = await verifyRoute.handle(ctx, input, deps);
    sendSuccess(deps, arrived, requestId, verification);
  } catch (error) {
    sendProblem(deps, arrived, requestId, error);
  }
}

function sendProblem(deps: Deps, arrived: Arrived, requestId: string, error: unknown): void {
  if (arrived.response.headersSent) return;
  const problem = toProblem(error, verifyRoute.path, requestId);
  if (problem.status >= 500) deps.log.error({ requestId }, error, problem.code);
  const headers = [...fixedHeaders, ...Object.entries(problemHeaders(problem, error)).flat()];
  send(deps, arrived, problem.status, requestId, headers, problem);
}

function sendSuccess(deps: Deps, arrived: Arrived, requestId: string, body: object): void {
  send(deps, arrived, verifyRoute.status, requestId, successHeaders, body);
}

function send(
  { note }: Deps,
  { response, started }: Arrived,
  status: number,
  requestId: string,
  headers: string[],
  body: object,
): void {
  const text = JSON.stringify(body);
  const length = Buffer.byteLength(text);
  // The list is read before this returns, and used again for the next answer.
  headers[idAt] = requestId;
  headers[lengthAt] = String(length);
  response.writeHead(status, headers);
  // Of text that is ASCII both are the same bytes, and these cost less to write.
  response.end(text, length === text.length ? 'latin1' : 'utf8');
  note(status, (performance.now() - started) / 1_000);
}
