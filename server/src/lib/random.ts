import { randomBytes } from 'node:crypto';

/** Exactly `bytes` unpredictable bytes. Passed in everywhere, so that tests control it. */
export type Random = (bytes: number) => Uint8Array;

/** The operating system's CSPRNG. */
export const systemRandom: Random = (bytes) => randomBytes(bytes);
