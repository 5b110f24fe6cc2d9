import { isIP } from 'node:net';

/**
 * The client's address, or null where there is none to believe.
 *
 * In a chain the last entry was written by the gateway, each one before it by whoever the next one names. So reading goes
 * from the end, as long as what stands there is a trusted proxy; further left it is the client's own word. Where all of it
 * is trusted, the first one is the client.
 */
export function readOriginalAddress(
  value: string,
  form: 'single' | 'chain',
  isTrustedProxy: (ip: string) => boolean,
): string | null {
  const chain = form === 'single' ? [value] : value.split(',').map((entry) => entry.trim());
  const client = chain.findLast((entry) => !isTrustedProxy(entry)) ?? chain[0];
  return client !== undefined && isIP(client) !== 0 ? client : null;
}
