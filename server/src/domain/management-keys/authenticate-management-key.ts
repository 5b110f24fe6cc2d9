import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Database } from '../../database/database.ts';
import { prepareActivePepper } from '../../database/prepare-active-pepper.ts';
import type { ManagementKeyTable } from '../../database/schema.ts';
import { hasValidChecksum } from '../../lib/checked-token.ts';
import { digestSecret, pepperedHash, pepperedHashes } from '../../lib/peppers.ts';
import { type Action, isAction } from '../access/actions.ts';
import { type Actor, type ManagementKeyActor, systemActor } from '../access/actor.ts';
import type { Services } from '../context.ts';
import { managementKeyPrefix } from './make-management-secret.ts';

/** A key that made a key that made a key: further than this it is refused when it is made. */
export const longestCreatorChain = 8;
const mostRemembered = 1_000;

type Row = Pick<
  ManagementKeyTable,
  'id' | 'organization_id' | 'hash' | 'pepper_version' | 'scopes' | 'expires_at' | 'revoked_at' | 'created_by'
>;

export type Authenticated = {
  actor: ManagementKeyActor;
  organizationId: string;
  /** Where its secret stands under an older pepper: what it becomes under the newest. */
  move: { oldHash: string; newHash: string; newVersion: number } | undefined;
};

/**
 * Makes the function that turns a presented management key into an actor, or undefined: unknown, revoked, expired, or
 * made by something that may do nothing any more. It reads the database each time, so a revocation holds at once.
 */
export function createManagementKeyAuthenticator(
  services: Services,
): (secret: string) => Promise<Authenticated | undefined> {
  const { database, peppers, clock } = services;
  const findByHash = database.prepare<Row>(compileFind(database, 'hash', peppers.size));
  const readActivePepper = prepareActivePepper(database);
  const findById = database.prepare<Row>(compileFind(database, 'id', 1));
  // What a secret is looked up by never changes, and a caller's management key comes with every call: by its digest, never in
  // clear. Whether it may still do anything is read each time.
  const hashesByDigest = new LRUCache<string, readonly string[]>({ max: mostRemembered });

  async function toActor(row: Row | undefined, depth: number): Promise<ManagementKeyActor | undefined> {
    if (row === undefined || row.revoked_at !== null || depth > longestCreatorChain) return undefined;
    if (row.expires_at !== null && Number(row.expires_at) <= clock()) return undefined;
    const creator = await findCreator(row, depth);
    return creator && { type: 'management_key', id: row.id, scopes: parseScopes(row.scopes), creator };
  }

  async function findCreator(row: Row, depth: number): Promise<Actor | undefined> {
    if (row.created_by === systemActor.id) return systemActor;
    // Whoever is not known here may do nothing, and neither may what they made.
    return toActor((await findById([row.created_by]))[0], depth + 1);
  }

  async function planMove(row: Row, digest: Uint8Array): Promise<Authenticated['move']> {
    const newest = peppers.size > 1 ? await readActivePepper() : undefined;
    if (newest === undefined || newest <= row.pepper_version || !peppers.has(newest)) return undefined;
    return { oldHash: row.hash, newHash: pepperedHash(peppers, newest, digest), newVersion: newest };
  }

  return async (secret) => {
    if (!secret.startsWith(managementKeyPrefix)) return undefined;
    const digest = digestSecret(secret);
    const name = digest.toString('latin1');
    const known = hashesByDigest.get(name);
    if (known === undefined && !hasValidChecksum(secret)) return undefined;
    const hashes = known ?? pepperedHashes(peppers, digest);
    const row = (await findByHash(hashes))[0];
    // Only of those that are there: a flood of others puts none of them out.
    if (known === undefined && row !== undefined) hashesByDigest.set(name, hashes);
    const actor = await toActor(row, 1);
    return actor && row && { actor, organizationId: row.organization_id, move: await planMove(row, digest) };
  };
}

function compileFind(database: Database, column: 'hash' | 'id', parameters: number) {
  const values = Array.from({ length: parameters }, () => '');
  return database.read
    .selectFrom('management_key')
    .select([
      'id',
      'organization_id',
      'hash',
      'pepper_version',
      'scopes',
      'expires_at',
      'revoked_at',
      'created_by',
    ])
    .where(sql.ref(column), 'in', values)
    .compile();
}

/** @throws never: an action that this program does not know gives nothing. */
export function parseScopes(text: string): '*' | ReadonlySet<Action> {
  const names = JSON.parse(text) as string[];
  return names.includes('*') ? '*' : new Set(names.filter(isAction));
}
