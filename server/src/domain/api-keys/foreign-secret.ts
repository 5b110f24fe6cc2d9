import { digestSecret } from '../../lib/peppers.ts';
import type { ImportRow } from './import-api-keys-input.ts';

export type ForeignSecret = { digest: string; masked: string; lastFour: string };

const ourShape = /^(kwm|[a-z][a-z0-9]{1,11}_(live|stg|dev))_[0-9A-Za-z]{49}$/;
const weakest = 128;

/**
 * What is kept of a key from another system: the SHA-256 of the whole key, and at most a quarter of it to recognise it by.
 * A key of our own shape is refused, since it could take the place of one that we might issue, and so is one that looks
 * guessable unless that is allowed.
 */
export function readForeignSecret(
  row: Pick<ImportRow, 'secret' | 'sha256'>,
  allowWeak: boolean,
): { ok: true; foreign: ForeignSecret } | { ok: false; problem: string } {
  if (row.secret === undefined) {
    const digest = decodeDigest(row.sha256 ?? '');
    // Of a key that is known only by its hash there is nothing to show.
    return { ok: true, foreign: { digest, masked: '…', lastFour: '' } };
  }
  if (ourShape.test(row.secret)) {
    return { ok: false, problem: 'secret: has the shape of a key of Keywright; issue a key instead' };
  }
  if (!allowWeak && estimateBits(row.secret) < weakest) {
    return {
      ok: false,
      problem: `secret: looks guessable (below an estimated ${weakest} bits); rotate it, or send allowWeak: true to take it as it is`,
    };
  }
  const { masked, lastFour } = mask(row.secret);
  return { ok: true, foreign: { digest: digestSecret(row.secret), masked, lastFour } };
}

/** At most a quarter of the characters: an eighth at either end, four at the most. */
function mask(secret: string): { masked: string; lastFour: string } {
  const shown = Math.min(4, Math.floor(secret.length / 8));
  const lastFour = secret.slice(secret.length - shown);
  return { masked: `${secret.slice(0, shown)}…${lastFour}`, lastFour };
}

/**
 * A guess at how many bits a guesser needs: as many as the alphabet that the characters come from gives to each, but none for
 * a character that ends three seen before or that goes on counting (`aaa`, `123`). It cannot see words, or that a key was made
 * from a clock; it does see what is short or repeats.
 */
export function estimateBits(secret: string): number {
  const bitsPerCharacter = Math.log2(alphabetSize(secret));
  const seen = new Set<string>();
  let counted = 0;
  for (let index = 0; index < secret.length; index++) {
    const three = secret.slice(index - 2, index + 1);
    const isRepeated = index >= 2 && (seen.has(three) || isRun(three));
    if (index >= 2) seen.add(three);
    if (!isRepeated) counted += 1;
  }
  return counted * bitsPerCharacter;
}

function alphabetSize(secret: string): number {
  if (/^[0-9]+$/.test(secret)) return 10;
  if (/^([0-9a-f-]+|[0-9A-F-]+)$/.test(secret)) return 16;
  let size = 0;
  if (/[0-9]/.test(secret)) size += 10;
  if (/[a-z]/.test(secret)) size += 26;
  if (/[A-Z]/.test(secret)) size += 26;
  if (/[-_.+/=]/.test(secret)) size += 2;
  if (/[^0-9a-zA-Z\-_.+/=]/.test(secret)) size += 26;
  return size;
}

function isRun(three: string): boolean {
  const step = three.charCodeAt(1) - three.charCodeAt(0);
  return Math.abs(step) <= 1 && three.charCodeAt(2) - three.charCodeAt(1) === step;
}

/** As `digestSecret` gives it. */
function decodeDigest(text: string): string {
  const encoding = /^[0-9a-fA-F]{64}$/.test(text) ? 'hex' : 'base64';
  return Buffer.from(text, encoding).toString('latin1');
}
