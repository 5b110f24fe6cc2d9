/** Crockford's alphabet in lower case, as TypeIDs have it: without i, l, o and u. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const pairs = Array.from(
  { length: 1024 },
  (_, value) => alphabet.charAt(value >> 5) + alphabet.charAt(value & 31),
);

/**
 * The 26 characters of a TypeID (specification 0.3.0): 128 bits behind two that are zero, five a character. An id is drawn for every
 * request, and the library takes five times as long; what it reads and writes is the same.
 * @param bytes 16 of them.
 */
export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let rest = 0;
  let bits = 2;
  for (const byte of bytes) {
    rest = (rest << 8) | byte;
    bits += 8;
    if (bits >= 10) {
      bits -= 10;
      text += pairs[rest >> bits];
      rest &= (1 << bits) - 1;
    }
  }
  return text;
}
