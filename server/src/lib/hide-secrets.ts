import { crc32 } from 'node:zlib';
import { decodeBase62 } from './base62.ts';

// A secret of ours by its form, also one that was cut or mistyped: who has most of it has to guess little.
const likeSecret = /((?:kwm|[a-z][a-z0-9]{1,11}_(?:live|stg|dev))_)[0-9A-Za-z]{16,}/g;
// What is rare in other text comes first, so that long text is passed over quickly; the brand is looked for backwards.
const ending = /(kwm|_(?:live|stg|dev))_[0-9A-Za-z]{43}([0-9A-Za-z]{6})/g;
const brand = /[a-z][a-z0-9]{1,11}$/;
const longestBrand = 12;
const shortestSecret = 53;

/** The text with `…` for all but the prefix of what looks like a secret of ours: for errors, logs, and what others wrote. */
export function hideSecrets(text: string): string {
  return text.replace(likeSecret, '$1…');
}

/** Whether a secret of ours, with its right checksum, stands anywhere in the text. */
export function holdsSecret(text: string): boolean {
  if (text.length < shortestSecret) return false;
  for (const found of text.matchAll(ending)) {
    const [match, start = '', checksum = ''] = found;
    const rest = match.slice(0, -checksum.length);
    const expected = decodeBase62(checksum);
    if (start === 'kwm') {
      if (crc32(rest) === expected) return true;
      continue;
    }
    // Letters before the brand look like a part of it.
    const [before = ''] = brand.exec(text.slice(Math.max(0, found.index - longestBrand), found.index)) ?? [];
    for (let from = 0; from < before.length - 1; from += 1) {
      if (crc32(before.slice(from) + rest) === expected) return true;
    }
  }
  return false;
}
