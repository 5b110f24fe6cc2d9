import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { isAllowed } from '../../domain/access/authorize.ts';
import { compileIpRanges } from '../../lib/ip-range.ts';
import { UnavailableError } from '../../lib/unavailable-error.ts';
import type { Verification } from '../../verification/conclude.ts';
import { createGatewayApiFinder } from '../../verification/find-gateway-api.ts';
import { readPresentedKey } from '../../verification/read-presented-key.ts';
import type { HttpDeps } from '../http-deps.ts';
import { createMetricsAnswer } from '../metrics/answer-metrics.ts';
import { refuseRequest } from '../refuse-connection.ts';
import { createSparseLog } from './create-sparse-log.ts';
import { type Dialect, dialectPaths, findDialect } from './dialects.ts';
import { type GatewayAnswer, gatewayAnswer } from './gateway-answer.ts';
import { type GatewayFault, gatewayFaults } from './gateway-fault.ts';
import { readGatewayQuery } from './read-gateway-query.ts';
import { type DistinctHeaders, readOriginalRequest } from './read-original-request.ts';

const isLoopback = compileIpRanges(['127.0.0.0/8', '::1']);

/** Sees the raw request: a framework would join doubled headers into one, or keep one of them, before anyone could refuse. */
type GatewayRequest = Pick<IncomingMessage, 'url' | 'headersDistinct' | 'socket'>;

/**
 * What gateways ask: `/v1/forward-auth/{nginx|caddy}?api=…&environment=…`, any method; 2xx lets the original request pass
 * (protocols: docs/gateways/README.md). Whatever goes wrong, the answer denies. Besides there are `/healthz` and, for whom
 * `metricsFrom` (CIDRs) names, `/metrics`; nothing else.
 *
 * `secretAsUserName`: also take Basic with the secret as user name. `trustedProxies`: CIDRs of the proxies before a gateway
 * that says who its client is by a chain of addresses.
 */
export function createGatewayListener(
  deps: HttpDeps,
  options: { secretAsUserName: boolean; trustedProxies: readonly string[]; metricsFrom: readonly string[] },
): RequestListener {
  const findApi = createGatewayApiFinder(deps.services.database);
  const isTrustedProxy = compileIpRanges(options.trustedProxies);
  const logSparsely = createSparseLog(deps.services.clock);
  const answerMetrics = createMetricsAnswer(deps.readMetrics, options.metricsFrom, (error) =>
    deps.log.error({}, error, 'the metrics could not be gathered'),
  );
  // By path and not by method, which is the gateway's choice.
  const notes = new Map(dialectPaths.map((path) => [path, deps.requestTimes.of('gateway', '*', path)]));

  async function answer(
    request: GatewayRequest,
    path: string,
    query: string,
    dialect: Dialect,
  ): Promise<GatewayAnswer> {
    const requestId = deps.services.newId('req');
    const asked = { dialect, path, requestId };
    try {
      const outcome = await decideOn(request, query, dialect);
      if (!('fault' in outcome)) return gatewayAnswer(outcome, asked);
      const { fault } = outcome;
      logSparsely(fault, () => deps.log.warn({ requestId, fault }, gatewayFaults[fault]));
      return gatewayAnswer({ reason: 'gateway_misconfigured' }, asked);
    } catch (error) {
      const kind = error instanceof UnavailableError ? 'unavailable' : 'internal';
      logSparsely(kind, () =>
        deps.log.error({ requestId }, error, 'a gateway was refused: no decision could be made'),
      );
      return gatewayAnswer({ reason: 'unavailable' }, asked);
    }
  }

  async function decideOn(
    request: GatewayRequest,
    query: string,
    dialect: Dialect,
  ): Promise<Verification | { reason: 'not_presented' | 'malformed' } | { fault: GatewayFault }> {
    const headers = request.headersDistinct;
    const asked = readGatewayQuery(query);
    if ('fault' in asked) return asked;
    const original = readOriginalRequest(headers, dialect, isTrustedProxy);
    if ('fault' in original) return original;
    const api = await findApi(asked.api);
    if (!(await mayAsk(request, api?.organizationId))) return { fault: 'verifier_not_authorized' };
    if (api === undefined) return { fault: 'api_unknown' };

    const presented = readPresentedKey(
      { authorization: headers.authorization ?? [], apiKey: headers['x-api-key'] ?? [] },
      options,
    );
    if (presented.kind === 'none') return { reason: 'not_presented' };
    if (presented.kind === 'malformed') return { reason: 'malformed' };
    return deps.verifier.verify({
      organizationId: api.organizationId,
      secret: presented.secret,
      apiKeyId: presented.apiKeyId,
      api: api.id,
      method: original.method,
      path: original.path,
      scopes: [],
      environment: asked.environment,
      ip: original.ip,
      userAgent: userAgentOf(headers),
    });
  }

  /** Who is not on this machine proves that it may ask, so that the listener tells a stranger nothing about any key. */
  async function mayAsk(request: GatewayRequest, organizationId: string | undefined): Promise<boolean> {
    if (isLoopback(request.socket.remoteAddress ?? '')) return true;
    const copies = request.headersDistinct['keywright-verifier'] ?? [];
    const [secret] = copies;
    if (secret === undefined || copies.length > 1) return false;
    const known = await deps.authenticate(secret);
    if (known === undefined || known.organizationId !== organizationId) return false;
    if (!isAllowed(known.actor, 'api_keys:verify')) return false;
    deps.uses.managementKey(known.actor.id, known.organizationId, deps.services.clock());
    return true;
  }

  function sendWhenReady(
    response: ServerResponse,
    ready: Promise<GatewayAnswer>,
    note?: (sent: GatewayAnswer) => void,
  ): void {
    ready
      .then((answered) => {
        send(response, answered);
        note?.(answered);
      })
      .catch((error) => {
        deps.log.error({}, error, 'an answer could not be sent');
        response.destroy();
      });
  }

  return (request, response) => {
    const [path = '', ...rest] = (request.url ?? '').split('?');
    const dialect = findDialect(path);
    if (dialect === undefined) {
      const metrics = path === '/metrics' ? answerMetrics(request) : undefined;
      if (metrics !== undefined) sendWhenReady(response, metrics);
      else if (path === '/healthz') send(response, health);
      else refuseRequest(request, response, nothingHere, deps.services.newId('req'));
      return;
    }
    const started = performance.now();
    sendWhenReady(response, answer(request, path, rest.join('?'), dialect), ({ status }) =>
      notes.get(path)?.(status, (performance.now() - started) / 1_000),
    );
  };
}

const health: GatewayAnswer = {
  status: 200,
  headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
  body: '{"status":"ok"}',
};
const nothingHere = {
  status: 404,
  code: 'not_found',
  detail: `There is nothing at this path. Gateways ask ${dialectPaths.join(' or ')}.`,
};

function send(response: ServerResponse, { status, headers, body }: GatewayAnswer): void {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

function userAgentOf(headers: DistinctHeaders): string | null {
  const copies = headers['user-agent'] ?? [];
  return copies.length === 1 ? (copies[0]?.slice(0, 256) ?? null) : null;
}
