import { createCipheriv, createHash } from 'node:crypto';
import type { Random } from '../server/src/lib/random.ts';

export type SeededRandom = {
  bytes: Random;
  /** A number from 0 up to, not including, 1. */
  fraction: () => number;
  /** A whole number from 0 up to, not including, `end`. */
  below: (end: number) => number;
};

const blockSize = 1 << 20;

/** The same bytes at every run with the same seed: ChaCha20's stream, drawn a megabyte at a time because each call costs. */
export function createSeededRandom(seed: string): SeededRandom {
  const key = createHash('sha256').update(seed).digest();
  const cipher = createCipheriv('chacha20', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(blockSize);
  let block = cipher.update(zeros);
  let next = 0;
  const bytes = (length: number): Buffer => {
    if (next + length > block.length) {
      block = cipher.update(zeros);
      next = 0;
    }
    next += length;
    return block.subarray(next - length, next);
  };
  const fraction = () => bytes(4).readUInt32LE() / 2 ** 32;
  return { bytes, fraction, below: (end) => Math.floor(fraction() * end) };
}
