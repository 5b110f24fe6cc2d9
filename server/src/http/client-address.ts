import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { compileIpRanges } from '../lib/ip-range.ts';

export type ReadClientAddress = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string | null;

/**
 * Who is asking: the peer, or where the peer is a trusted proxy the rightmost address in X-Forwarded-For that is not one.
 * What stands further left was written by whoever is asking, and is not believed.
 */
export function createClientAddressReader(trustedProxies: readonly string[]): ReadClientAddress {
  const isTrusted = compileIpRanges(trustedProxies);
  return ({ headers, socket }) => {
    const peer = plain(socket.remoteAddress);
    if (peer === null || !isTrusted(peer)) return peer;
    const header = headers['x-forwarded-for'];
    const chain = (Array.isArray(header) ? header.join(',') : (header ?? ''))
      .split(',')
      .map((part) => part.trim());
    for (const address of chain.reverse()) {
      if (address === '') continue;
      if (!isTrusted(address)) return isIP(address) === 0 ? null : plain(address);
    }
    return peer;
  };
}

/** An IPv4 client of a dual-stack socket as IPv4. */
function plain(address: string | undefined): string | null {
  return address === undefined ? null : address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
}
