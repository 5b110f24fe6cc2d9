import ipaddr from 'ipaddr.js';
import type { Settings } from '../settings.ts';
import { type Finding, hint, ok, wrong } from './finding.ts';

const timeoutMs = 3_000;

/** Whether the API and the gateway listener answer where they are configured, and who could ask the latter. */
export async function checkListeners(settings: Settings): Promise<Finding[]> {
  return [
    await checkAnswer('api', 'KEYWRIGHT_PORT', settings.host, settings.port),
    await checkAnswer('gateway', 'KEYWRIGHT_GATEWAY_PORT', settings.gatewayHost, settings.gatewayPort),
    checkGatewayAddress(settings.gatewayHost),
  ];
}

async function checkAnswer(
  check: 'api' | 'gateway',
  name: string,
  host: string,
  port: number,
): Promise<Finding> {
  if (port === 0) {
    return hint(
      check,
      `${name} is 0: it takes any free port, which nobody can know.`,
      `Set ${name} to a fixed port.`,
    );
  }
  const url = `http://${hostToAsk(host)}:${port}/healthz`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
    const body = (await answer.json().catch(() => null)) as { status?: unknown } | null;
    if (answer.status === 200 && body?.status === 'ok') return ok(check, `It answers at ${url}.`);
    return wrong(
      check,
      `Something else than Keywright answers at ${url} (status ${answer.status}).`,
      `Stop that, or set ${name} to another port.`,
    );
  } catch (error) {
    return wrong(
      check,
      `Nothing answers at ${url} (${reasonOf(error)}).`,
      'Start it: keywright serve. If it runs, its settings are not the ones that this command sees.',
    );
  }
}

/** A listener on every address is asked on loopback. */
function hostToAsk(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = (cause as { code?: unknown } | undefined)?.code;
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.name : 'unknown';
}

/** The gateway listener is for the gateways alone: whoever reaches it can try keys, and names the client's address. */
function checkGatewayAddress(host: string): Finding {
  const remedy =
    'Set KEYWRIGHT_GATEWAY_HOST to loopback (127.0.0.1), or to a private address that only the gateways can reach.';
  if (host === 'localhost') return ok('gateway', 'It listens on loopback only.');
  if (!ipaddr.isValid(host))
    return hint('gateway', `It listens on ${host}, which may be reached from elsewhere.`, remedy);
  const range = ipaddr.process(host).range();
  if (range === 'loopback') return ok('gateway', 'It listens on loopback only.');
  if (range === 'private' || range === 'uniqueLocal' || range === 'linkLocal') {
    return hint(
      'gateway',
      `It listens on ${host}: gateways elsewhere must send a management key in Keywright-Verifier.`,
      remedy,
    );
  }
  const where = range === 'unspecified' ? 'every address of this machine' : `the public address ${host}`;
  return wrong('gateway', `It listens on ${where}.`, remedy);
}
