import type { Dialect } from './dialects.ts';
import type { GatewayFault } from './gateway-fault.ts';
import { readOriginalAddress } from './read-original-address.ts';

/** Every copy of each header, by its name in lower case: `IncomingMessage.headersDistinct`. */
export type DistinctHeaders = Readonly<Record<string, readonly string[] | undefined>>;

/** `path`: null where it is not UTF-8, which denies. `ip`: null where the gateway gave no address, which an IP list denies. */
export type OriginalRequest = { method: string; path: string | null; ip: string | null };

/**
 * What the client asked of the gateway, out of the dialect's headers, each of which must stand there exactly once: of two
 * copies one is the client's, and a missing one means a gateway that does not overwrite it.
 */
export function readOriginalRequest(
  headers: DistinctHeaders,
  dialect: Dialect,
  isTrustedProxy: (ip: string) => boolean,
): OriginalRequest | { fault: GatewayFault } {
  const method = onlyCopy(headers[dialect.methodHeader]);
  if (method === undefined) return { fault: 'method_not_once' };
  const uri = onlyCopy(headers[dialect.uriHeader]);
  if (uri === undefined) return { fault: 'uri_not_once' };
  const address = onlyCopy(headers[dialect.addressHeader]);
  if (address === undefined) return { fault: 'address_not_once' };
  return {
    method,
    path: toUtf8(uri),
    ip: readOriginalAddress(address, dialect.address, isTrustedProxy),
  };
}

function onlyCopy(copies: readonly string[] | undefined): string | undefined {
  return copies?.length === 1 ? copies[0] : undefined;
}

/** Node hands out header values byte by byte as Latin-1; the path is matched as the UTF-8 that it was sent as. */
function toUtf8(value: string): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(value, 'latin1'));
  } catch {
    return null;
  }
}
