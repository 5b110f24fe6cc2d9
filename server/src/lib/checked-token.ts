import { crc32 } from 'node:zlib';
import { drawBase62, encodeBase62 } from './base62.ts';
import type { Random } from './random.ts';

/** 43 base62 characters carry 256 bits: 62^43 > 2^256. */
const BODY_LENGTH = 43;

/** 62^6 > 2^32, so that every CRC-32 fits. */
const CHECKSUM_LENGTH = 6;

const TAIL = /^[0-9A-Za-z]{49}$/;

/**
 * A new unguessable token: `prefix`, 43 base62 characters from `random`, six of checksum over all before them.
 * The checksum tells a mistyped or cut token from an unknown one without a look-up. It is no secret and proves nothing.
 */
export function drawCheckedToken(prefix: string, random: Random): string {
  const text = prefix + drawBase62(random, BODY_LENGTH);
  return text + checksumOf(text);
}

/** zlib's CRC-32 of the text's UTF-8 bytes, in base62, left-padded with `0` to six characters. */
export function checksumOf(text: string): string {
  return encodeBase62(crc32(text), CHECKSUM_LENGTH);
}

/** Whether `token` ends in 43 base62 characters and the checksum of everything before it. Never throws. */
export function hasValidChecksum(token: string): boolean {
  if (!TAIL.test(token.slice(-BODY_LENGTH - CHECKSUM_LENGTH))) return false;
  return checksumOf(token.slice(0, -CHECKSUM_LENGTH)) === token.slice(-CHECKSUM_LENGTH);
}
