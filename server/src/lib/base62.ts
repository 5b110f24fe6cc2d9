import type { Random } from './random.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The largest multiple of 62 that a byte can count to. Bytes from here on are drawn again: `% 62` would favour some digits. */
const FAIR_BYTES = 248;

/** A fair source is rejected about once in 32 bytes; one that needs this many rounds is broken, and a loop would only hide it. */
const MOST_ROUNDS = 64;

/**
 * A non-negative integer in base 62 (`0-9A-Za-z`), left-padded with `0` to exactly `width` characters.
 * Throws RangeError for a negative or fractional value, and for one that does not fit: a cut number would be another number.
 */
export function encodeBase62(value: number | bigint, width: number): string {
  if (value < 0 || (typeof value === 'number' && !Number.isSafeInteger(value))) {
    throw new RangeError('encodeBase62 takes a non-negative integer');
  }
  let rest = value;
  let digits = '';
  for (; typeof rest === 'bigint' && rest > 0n; rest /= 62n) {
    digits = ALPHABET.charAt(Number(rest % 62n)) + digits;
  }
  for (; typeof rest === 'number' && rest > 0; rest = Math.floor(rest / 62)) {
    digits = ALPHABET.charAt(rest % 62) + digits;
  }
  if (digits.length > width) throw new RangeError('the value does not fit the width');
  return digits.padStart(width, '0');
}

/** The number that `encodeBase62` wrote, for up to eight characters of its alphabet; anything else is NaN or inexact. */
export function decodeBase62(text: string): number {
  let value = 0;
  for (const character of text) {
    const digit = ALPHABET.indexOf(character);
    value = value * 62 + (digit === -1 ? Number.NaN : digit);
  }
  return value;
}

/** `length` characters of `0-9A-Za-z`, each drawn uniformly (rejection sampling). Throws if the source yields no fair bytes. */
export function drawBase62(random: Random, length: number): string {
  let drawn = '';
  for (let round = 0; drawn.length < length; round++) {
    if (round === MOST_ROUNDS) throw new Error('the source of randomness yields no usable bytes');
    const missing = length - drawn.length;
    for (const byte of random(missing + Math.ceil(missing / 16))) {
      if (byte < FAIR_BYTES && drawn.length < length) drawn += ALPHABET.charAt(byte % 62);
    }
  }
  return drawn;
}
