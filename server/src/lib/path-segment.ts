/** What may stand raw in a path segment (RFC 3986 `pchar` without `%`), less `;`, which never passes. */
const PLAIN_SEGMENT = /^[A-Za-z0-9\-._~!$&'()*+,=:@]*$/;
const NOT_PLAIN = /[^A-Za-z0-9\-._~!$&'()*+,=:@%]/gu;
const UNRESERVED = /^[A-Za-z0-9\-._~]$/;
const TRIPLET = /%[0-9A-Fa-f]{2}/g;

/** Encoded characters that may also stand raw in a segment: `! $ & ' ( ) * + , : = @`. */
const ENCODED_RESERVED = /%(?:21|24|26|27|28|29|2[ABC]|3A|3D|40)/g;

/**
 * What no reading of a segment may hold. `/`, `\` and `%` are there because a server that decodes once more would see other
 * segments. `;` is there in encoded form too: nginx's `proxy_pass` with a URI hands `%3B` on as `;`, and servlet containers
 * cut a segment at `;`, so that `/users/admin%3Bx` would be checked as a parameter and served as `/users/admin`.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const FORBIDDEN = /[/\\;%\u0000-\u001f\u007f-\u009f]/;

/**
 * One raw path segment in the form in which segments are compared, or null where it must be refused.
 *
 * Unreserved characters are decoded once; every other percent-encoded character stays encoded, with upper-case hex; a raw
 * character that may not stand in a segment (a space, `"`, `[`, `é`) is encoded as UTF-8. So `%c3%a9`, `%C3%A9` and `é` are one.
 * `:` and `%3A` stay two (RFC 3986 2.2); `decodeReserved` gives the other reading. Refused: a dot segment, `/`, `\`, `;`, `%` and
 * control characters (C0, DEL, C1) in any form, a raw `#` or `?`, a `%` without two hex digits, invalid UTF-8, lone surrogates.
 * Linear in the segment.
 */
export function canonicalSegment(raw: string): string | null {
  if (PLAIN_SEGMENT.test(raw)) return raw === '.' || raw === '..' ? null : raw;
  if (raw.includes('#') || raw.includes('?') || !raw.isWellFormed()) return null;
  const text = decodeWhole(raw);
  if (text === null || text === '.' || text === '..' || FORBIDDEN.test(text)) return null;
  return raw.replace(TRIPLET, canonicalTriplet).replace(NOT_PLAIN, encodeURIComponent);
}

/** A canonical segment as a server reads it that takes `%3A` for `:`; `#`, `?` and what may not stand raw stay encoded. */
export function decodeReserved(segment: string): string {
  return segment.replace(ENCODED_RESERVED, decodeURIComponent);
}

function canonicalTriplet(triplet: string): string {
  const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
  return UNRESERVED.test(character) ? character : triplet.toUpperCase();
}

/** Null for a `%` without two hex digits and for bytes that are not UTF-8: overlong forms and encoded surrogates too. */
function decodeWhole(raw: string): string | null {
  try {
    return decodeURIComponent(raw);
  } catch {
    return null;
  }
}
