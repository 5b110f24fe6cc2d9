import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = { address: Address; prefix: number };

/** The longest text of an IPv6 address has 45 characters, a prefix length three more and its slash. */
const LONGEST_TEXT = 49;

const FORM_MESSAGE =
  'write an IPv4 or IPv6 address or CIDR, such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32 (four decimal numbers without leading zeros; no zone id).';

/**
 * Reads one entry of an IP list: an address or a CIDR, IPv4 or IPv6. `canonical` is RFC 5952 for IPv6, has no `/32` or `/128`,
 * and is IPv4 for an IPv4-mapped IPv6 address or range.
 *
 * Host bits after the prefix are refused, not cut: who writes `10.1.2.3/8` either means one address or sixteen million, and the
 * message names both. So are octal, hexadecimal and short forms (`010.0.0.1`, `1.2`), which programs read differently.
 */
export function parseIpRange(text: string): { ok: true; canonical: string } | { ok: false; message: string } {
  const range = readRange(text);
  if (range === null) return { ok: false, message: FORM_MESSAGE };
  const network = networkOf(range);
  if (network.toString() !== range.address.toString()) {
    return {
      ok: false,
      message: `the address has bits after the prefix length: write ${rangeText({ ...range, address: network })} for the whole range, or ${range.address.toString()} for the one address.`,
    };
  }
  return { ok: true, canonical: rangeText(range) };
}

/**
 * A test whether an address lies in one of the ranges. An IPv4-mapped IPv6 address counts as IPv4, and so never lies in an
 * IPv6 range, not even in `::/0`. What is no address matches nothing, a range that is none contains nothing, and an empty list
 * contains nothing.
 */
export function compileIpRanges(ranges: readonly string[]): (ip: string) => boolean {
  const compiled = ranges.map(readRange).filter((range) => range !== null);
  return (ip) => {
    const address = readAddress(ip);
    if (address === null) return false;
    return compiled.some(
      (range) => range.address.kind() === address.kind() && address.match(range.address, range.prefix),
    );
  };
}

function readRange(text: string): Range | null {
  if (text.length > LONGEST_TEXT) return null;
  const slash = text.indexOf('/');
  const written = slash === -1 ? text : text.slice(0, slash);
  const address = readAddress(written);
  if (address === null) return null;
  if (slash === -1) return { address, prefix: bitsOf(address) };

  const prefixText = text.slice(slash + 1);
  if (!/^(?:0|[1-9][0-9]{0,2})$/.test(prefixText)) return null;
  const isMapped = written.includes(':') && address.kind() === 'ipv4';
  const prefix = Number(prefixText) - (isMapped ? 96 : 0);
  return prefix >= 0 && prefix <= bitsOf(address) ? { address, prefix } : null;
}

/**
 * Node's parser decides what an address is, since ipaddr.js also takes octal, hexadecimal and short forms. Two more are
 * refused: zone ids, which mean something on one machine only, and `::1.2.3.4` (deprecated by RFC 4291 2.5.5.1), which
 * ipaddr.js takes for the IPv4-mapped `::ffff:1.2.3.4`.
 */
function readAddress(text: string): Address | null {
  if (text.length > LONGEST_TEXT || isIP(text) === 0 || text.includes('%')) return null;
  if (/^::[0-9]+\./.test(text)) return null;
  return ipaddr.isValid(text) ? ipaddr.process(text) : null;
}

function networkOf({ address, prefix }: Range): Address {
  const cidr = `${address.toString()}/${prefix}`;
  return address.kind() === 'ipv4'
    ? ipaddr.IPv4.networkAddressFromCIDR(cidr)
    : ipaddr.IPv6.networkAddressFromCIDR(cidr);
}

function rangeText({ address, prefix }: Range): string {
  return prefix === bitsOf(address) ? address.toString() : `${address.toString()}/${prefix}`;
}

function bitsOf(address: Address): number {
  return address.kind() === 'ipv4' ? 32 : 128;
}
