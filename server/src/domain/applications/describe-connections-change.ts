import { hash } from 'node:crypto';
import type { Connection } from './connections.ts';

/** Lists longer than this are named in the audit by their length and hash. */
const longestList = 20;

type Described = { apiId: string; endpoints: 'all' | readonly string[] | { count: number; sha256: string } };
type Side = { connections: Described[] };

/**
 * What the audit says of a change: the connections that came, went or changed, as they were and as they are. A long list
 * is its number of endpoints and the SHA-256 of their ids, sorted and each followed by a line feed, so that who has the
 * list can show that it was this one. undefined: nothing changed, however the lists were ordered.
 */
export function describeConnectionsChange(
  before: readonly Connection[],
  after: readonly Connection[],
): { before: Side; after: Side } | undefined {
  const differing = (some: readonly Connection[], others: readonly Connection[]) => {
    const known = new Map(others.map((other) => [other.apiId, canonical(other)]));
    return some.filter((one) => known.get(one.apiId) !== canonical(one)).map(describe);
  };
  const gone = differing(before, after);
  const come = differing(after, before);
  if (gone.length === 0 && come.length === 0) return undefined;
  return { before: { connections: gone }, after: { connections: come } };
}

function canonical(connection: Connection): string {
  return connection.endpoints === 'all'
    ? 'all'
    : [...connection.endpoints]
        .sort()
        .map((id) => `${id}\n`)
        .join('');
}

function describe(connection: Connection): Described {
  const { apiId, endpoints } = connection;
  if (endpoints === 'all' || endpoints.length <= longestList) return { apiId, endpoints };
  return { apiId, endpoints: { count: endpoints.length, sha256: hash('sha256', canonical(connection)) } };
}
