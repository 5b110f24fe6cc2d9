import { checksumOf } from './checked-token.ts';

// A secret of ours by its form, also one that was cut or mistyped: who has most of it has to guess little.
const likeSecret = /((?:kwm|[a-z][a-z0-9]{1,11}_(?:live|stg|dev))_)[0-9A-Za-z]{16,}/g;
const whole = /(kwm|[a-z][a-z0-9]{1,11}_(?:live|stg|dev))_[0-9A-Za-z]{43}([0-9A-Za-z]{6})/g;
const shortestSecret = 53;

/** The text with `…` for all but the prefix of what looks like a secret of ours: for errors, logs, and what others wrote. */
export function hideSecrets(text: string): string {
  return text.replace(likeSecret, '$1…');
}

/** Whether a secret of ours, with its right checksum, stands anywhere in the text. */
export function holdsSecret(text: string): boolean {
  if (text.length < shortestSecret) return false;
  for (const [match, prefix = '', checksum] of text.matchAll(whole)) {
    // Letters before the brand look like a part of it.
    for (let start = 0; start < prefix.length; start += 1) {
      if (checksumOf(match.slice(start, -6)) === checksum) return true;
    }
  }
  return false;
}
