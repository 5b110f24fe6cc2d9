import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { openCoherence } from '../../src/coherence/open-coherence.ts';
import { createManagementKeyAuthenticator } from '../../src/domain/management-keys/authenticate-management-key.ts';
import { createGatewayListener } from '../../src/http/forward-auth/create-gateway-listener.ts';
import type { HttpDeps } from '../../src/http/http-deps.ts';
import { createRequestTimes } from '../../src/http/metrics/request-times.ts';
import { createLog } from '../../src/lib/create-log.ts';
import { createUses } from '../../src/verification/uses.ts';
import { createVerifier } from '../../src/verification/verifier.ts';
import type { Keywright } from '../harness.ts';

export type GatewayDialect = 'nginx' | 'caddy';
export const dialects: readonly GatewayDialect[] = ['nginx', 'caddy'];

export type GatewayHeaders = Record<string, string | string[]>;

/** What a gateway of each dialect says of `GET /orders` by a client at 203.0.113.5. */
export const originalHeaders: Readonly<Record<GatewayDialect, GatewayHeaders>> = {
  nginx: { 'X-Original-Method': 'GET', 'X-Original-URI': '/orders', 'X-Original-IP': '203.0.113.5' },
  caddy: { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': '/orders', 'X-Forwarded-For': '203.0.113.5' },
};

export function statusAndReason({ status, headers }: GatewayReply) {
  return [status, headers['x-auth-reason']];
}

export type GatewayReply = { status: number; headers: IncomingHttpHeaders; body: string };

/** Asks a gateway listener; a list as a header's value is sent as that many copies. */
export function askGateway(
  url: string,
  target: string,
  headers: OutgoingHttpHeaders = {},
  method = 'GET',
): Promise<GatewayReply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, path: target, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

/**
 * A gateway listener of its own over a Keywright's services: asked as if from `peer`, or with another verifier, or with
 * other settings. `logged` is what it logged. It ends with the test.
 */
export async function startGatewayListener(
  t: TestContext,
  kw: Keywright,
  given: {
    peer?: string;
    verifier?: HttpDeps['verifier'];
    secretAsUserName?: boolean;
    trustedProxies?: readonly string[];
    metricsFrom?: readonly string[];
    readMetrics?: HttpDeps['readMetrics'];
  },
): Promise<{ url: string; logged: () => string }> {
  const lines: string[] = [];
  const uses = createUses(kw.services.database, () => undefined);
  const coherence = openCoherence(kw.services, () => undefined);
  t.after(() => coherence.close());
  const listener = createGatewayListener(
    {
      services: kw.services,
      authenticate: createManagementKeyAuthenticator(kw.services, coherence, uses.movePepper),
      verifier: given.verifier ?? createVerifier({ ...kw.services, uses, coherence, cacheBytes: 1_000_000 }),
      uses,
      readClientAddress: () => null,
      log: createLog('debug', { write: (line: string) => lines.push(line) }),
      readReadiness: () => assert.fail('no gateway asks for it'),
      requestTimes: createRequestTimes(),
      readMetrics: given.readMetrics ?? (() => assert.fail('nobody here asks for it')),
    },
    {
      secretAsUserName: given.secretAsUserName ?? false,
      trustedProxies: given.trustedProxies ?? [],
      metricsFrom: given.metricsFrom ?? [],
    },
  );
  const server = createServer((incoming, response) => {
    if (given.peer !== undefined)
      Object.defineProperty(incoming.socket, 'remoteAddress', { value: given.peer });
    listener(incoming, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    await new Promise((resolve) => server.close(resolve));
    await uses.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    logged: () => lines.join(''),
  };
}
