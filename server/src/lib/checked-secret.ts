import { crc32 } from 'node:zlib';
import { drawBase62, encodeBase62 } from './base62.ts';
import type { Random } from './random.ts';

/** 43 base62 characters carry 256 bits: 62^43 > 2^256. */
const BODY_LENGTH = 43;

/** 62^6 > 2^32, so that every CRC-32 fits. */
const CHECKSUM_LENGTH = 6;

const TAIL = /^[0-9A-Za-z]{49}$/;

/**
 * A new unguessable secret: `prefix`, 43 base62 characters from `random`, six of checksum over all before them.
 * The checksum tells a mistyped or cut secret from an unknown one without a look-up. It proves nothing.
 */
export function drawCheckedSecret(prefix: string, random: Random): string {
  const text = prefix + drawBase62(random, BODY_LENGTH);
  return text + checksumOf(text);
}

/** zlib's CRC-32 of the text's UTF-8 bytes, in base62, left-padded with `0` to six characters. */
export function checksumOf(text: string): string {
  return encodeBase62(crc32(text), CHECKSUM_LENGTH);
}

/** Whether `text` ends in 43 base62 characters and the checksum of everything before it. Never throws. */
export function hasValidChecksum(text: string): boolean {
  if (!TAIL.test(text.slice(-BODY_LENGTH - CHECKSUM_LENGTH))) return false;
  return checksumOf(text.slice(0, -CHECKSUM_LENGTH)) === text.slice(-CHECKSUM_LENGTH);
}

/** What may be shown of a secret that begins with `prefix`: that, and of the random part the first four and the last four. */
export function maskSecret(secret: string, prefix: string): { masked: string; lastFour: string } {
  const body = secret.slice(prefix.length, -CHECKSUM_LENGTH);
  const lastFour = body.slice(-4);
  return { masked: `${prefix}${body.slice(0, 4)}…${lastFour}`, lastFour };
}
