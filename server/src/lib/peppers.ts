import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

/** 32 bytes each, by version. They live outside the database: see docs/decisions/0003. */
export type Peppers = ReadonlyMap<number, Uint8Array>;

/**
 * SHA-256 of a secret's UTF-8 bytes, as a text of 32 characters, one a byte: what caches are keyed by. `crypto.hash` costs a
 * third of `createHash`, and a buffer of its own for 32 bytes costs more than the hash.
 */
export function digestSecret(secret: string): string {
  return hash('sha256', secret, 'binary');
}

const keyObjects = new WeakMap<Uint8Array, KeyObject>();

/** From bytes Node would make this object anew at each HMAC, which costs eight times as much as the HMAC itself. */
function keyObjectOf(pepper: Uint8Array): KeyObject {
  const known = keyObjects.get(pepper);
  if (known !== undefined) return known;
  const made = createSecretKey(pepper);
  keyObjects.set(pepper, made);
  return made;
}

/**
 * What is stored and looked up: hex of HMAC-SHA256(pepper, [namespace || 0x00 ||] SHA-256(secret)). A namespace (an
 * organization's id) keeps equal foreign secrets of two organizations apart.
 */
export function pepperedHash(peppers: Peppers, version: number, digest: string, namespace?: string): string {
  const pepper = peppers.get(version);
  if (pepper === undefined) throw new Error(`Pepper version ${version} is not loaded.`);
  const hmac = createHmac('sha256', keyObjectOf(pepper));
  if (namespace !== undefined) hmac.update(`${namespace}\0`);
  return hmac.update(Buffer.from(digest, 'latin1')).digest('hex');
}

/** The hashes under every loaded pepper, newest first: a secret is looked up by all of them in one statement. */
export function pepperedHashes(peppers: Peppers, digest: string, namespace?: string): string[] {
  return versionsNewestFirst(peppers).map((version) => pepperedHash(peppers, version, digest, namespace));
}

export function versionsNewestFirst(peppers: Peppers): number[] {
  return [...peppers.keys()].sort((a, b) => b - a);
}

/** Names a pepper without giving it away; the database keeps it, so that a node with another one is noticed. */
export function fingerprintOf(value: Uint8Array): string {
  return createHmac('sha256', value).update('keywright fingerprint').digest('hex').slice(0, 32);
}
