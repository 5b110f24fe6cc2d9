import { sql } from 'kysely';
import type { Coherence } from '../../coherence/coherence.ts';
import { type CoherentCache, createCoherentCache } from '../../coherence/coherent-cache.ts';
import type { Database } from '../../database/database.ts';
import { prepareActivePepper } from '../../database/prepare-active-pepper.ts';
import type { ManagementKeyTable } from '../../database/schema.ts';
import { hasValidChecksum } from '../../lib/checked-secret.ts';
import { digestSecret, pepperedHash, pepperedHashes } from '../../lib/peppers.ts';
import { type Action, isAction } from '../access/actions.ts';
import { type Actor, type ManagementKeyActor, systemActor } from '../access/actor.ts';
import type { Services } from '../context.ts';
import { managementKeyPrefix } from './make-management-secret.ts';

/** A key that made a key that made a key: further than this it is refused when it is made. */
export const longestCreatorChain = 8;
const mostRemembered = 10_000;
/** Kinds of subjects in the change log on which no management key depends; any other, also one that is not known, may be one.
 * Not the list of verification (verification/caches.ts): a kind that is added there must not come to count as harmless here. */
const withoutEffect: ReadonlySet<string> = new Set([
  'organization',
  'team',
  'application',
  'api',
  'profile',
  'policy',
  'api_key',
]);

type Row = Pick<
  ManagementKeyTable,
  'id' | 'organization_id' | 'hash' | 'pepper_version' | 'scopes' | 'expires_at' | 'revoked_at' | 'created_by'
>;

export type Authenticated = {
  actor: ManagementKeyActor;
  organizationId: string;
};

/** `validUntil`: the first expiry of the key and of those that made it, epoch milliseconds; Infinity where none expires. */
type Entry = { authenticated: Authenticated; validUntil: number };

/** Its secret was found under an older pepper: what it becomes under the newest. */
export type ManagementKeyMove = {
  table: 'management_key';
  id: string;
  oldHash: string;
  newHash: string;
  newVersion: number;
};

export type Authenticate = (secret: string) => Authenticated | undefined | Promise<Authenticated | undefined>;

/**
 * Makes the function that turns a presented management key into an actor, or undefined: unknown, revoked, expired, or
 * made by something that may do nothing any more. What it keeps is coherent, so a revocation holds as soon as it has returned.
 */
export function createManagementKeyAuthenticator(
  services: Services,
  coherence: Coherence,
  movePepper: (move: ManagementKeyMove) => void,
): Authenticate & { cacheCounts: CoherentCache<Entry>['counts'] } {
  const { database, peppers } = services;
  const findByHash = database.prepare<Row>(compileFind(database, 'hash', peppers.size));
  const readActivePepper = prepareActivePepper(database);
  const findById = database.prepare<Row>(compileFind(database, 'id', 1));
  const cache = createCoherentCache<Entry>(coherence, {
    maxBytes: mostRemembered,
    sizeOf: () => 1,
    maxAbsent: mostRemembered,
    subjectOf: ({ authenticated }) => authenticated.actor.id,
    // Others may stand on the one that changed, and may do nothing without it.
    forgets: ({ kind }) => (withoutEffect.has(kind) ? 'nothing' : 'everything'),
    absentMayAppear: ({ kind }) => !withoutEffect.has(kind),
  });

  async function toEntry(row: Row | undefined, depth: number): Promise<Entry | undefined> {
    if (row === undefined || row.revoked_at !== null || depth > longestCreatorChain) return undefined;
    const creator = await findCreator(row, depth);
    if (creator === undefined) return undefined;
    const scopes = parseScopes(row.scopes);
    return {
      authenticated: {
        actor: { type: 'management_key', id: row.id, scopes, creator: creator.actor },
        organizationId: row.organization_id,
      },
      validUntil: Math.min(creator.validUntil, Number(row.expires_at ?? Number.POSITIVE_INFINITY)),
    };
  }

  async function findCreator(
    row: Row,
    depth: number,
  ): Promise<{ actor: Actor; validUntil: number } | undefined> {
    if (row.created_by === systemActor.id)
      return { actor: systemActor, validUntil: Number.POSITIVE_INFINITY };
    // Whoever is not known here may do nothing, and neither may what they made.
    const entry = await toEntry((await findById([row.created_by]))[0], depth + 1);
    return entry && { actor: entry.authenticated.actor, validUntil: entry.validUntil };
  }

  async function moveToNewest(row: Row, digest: string): Promise<void> {
    const newest = await readActivePepper();
    if (newest === undefined || newest <= row.pepper_version || !peppers.has(newest)) return;
    const newHash = pepperedHash(peppers, newest, digest);
    movePepper({ table: 'management_key', id: row.id, oldHash: row.hash, newHash, newVersion: newest });
  }

  async function read(digest: string): Promise<Authenticated | undefined> {
    const entry = await cache.load(digest, async () => {
      const [row] = await findByHash(pepperedHashes(peppers, digest));
      const found = await toEntry(row, 1);
      if (row !== undefined && found !== undefined && peppers.size > 1) await moveToNewest(row, digest);
      return found;
    });
    return entry === null ? undefined : stillValid(entry);
  }

  function stillValid({ authenticated, validUntil }: Entry): Authenticated | undefined {
    // A clock that lags must not lengthen the life of a key.
    const now = Math.max(services.clock(), coherence.databaseTime());
    return now < validUntil ? authenticated : undefined;
  }

  const authenticate: Authenticate = (secret) => {
    if (!secret.startsWith(managementKeyPrefix)) return undefined;
    const digest = digestSecret(secret);
    const entry = coherence.isCurrent() ? cache.peek(digest) : undefined;
    if (entry === null) return undefined;
    if (entry !== undefined) return stillValid(entry);
    return hasValidChecksum(secret) ? read(digest) : undefined;
  };
  return Object.assign(authenticate, { cacheCounts: cache.counts });
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
