import { type ExpressionBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import { byIndex } from '../../database/by-index.ts';
import type { Database, Reader } from '../../database/database.ts';
import type { ApiKeyTable, Tables } from '../../database/schema.ts';
import { nameKey } from '../fields.ts';
import type { ListApiKeysQuery } from './list-api-keys.ts';
import type { Branch } from './list-branches.ts';

/** One list that is asked for: whose, by what, from where on. */
export type AskedList = {
  organizationId: string;
  query: Pick<ListApiKeysQuery, 'applicationId' | 'createdBy' | 'query' | 'limit'>;
  byName: boolean;
  /** The sort key of the last row of the page before. */
  after: readonly string[] | undefined;
  now: number;
};

type Select = SelectQueryBuilder<Tables, 'api_key', ApiKeyTable>;

/**
 * The rows of one branch, at most one more than the page holds, in the order of the list: read from the page's beginning on
 * by the index that has them in that order. Where something else finds them, and finds few, they are gathered first:
 * either database would otherwise rather walk the whole order in the hope of meeting them soon.
 */
export function branchQuery(database: Database, asked: AskedList, branch: Branch): Select {
  const { query, byName, after } = asked;
  let select = from(database, asked, branch)
    .selectAll('api_key')
    .where('api_key.organization_id', '=', asked.organizationId)
    .where('api_key.deleted_at', 'is', null)
    .limit(query.limit + 1);
  if (branch.environment !== undefined) select = select.where('api_key.environment', '=', branch.environment);
  if (branch.standing !== undefined) select = select.where('api_key.standing', '=', branch.standing);
  if (branch.expires === 'passed, not noted') select = select.where(hasPassed(asked));
  if (branch.expires === 'not passed') {
    select = select.where((eb) =>
      eb.or([eb('api_key.expires_at', 'is', null), eb('api_key.expires_at', '>', asked.now)]),
    );
  }
  if (query.applicationId !== undefined) {
    select = select.where('api_key.application_id', '=', query.applicationId);
  }
  if (query.createdBy !== undefined) select = select.where('api_key.created_by', '=', query.createdBy);
  if (branch.search === 'name' && query.query !== undefined) {
    const start = nameKey(query.query);
    // U+10FFFF is the greatest character in byte order, so this range is every name that begins so.
    select = select
      .where('api_key.name_key', '>=', start)
      .where('api_key.name_key', '<', `${start}\u{10ffff}`);
  }
  if (byName) {
    if (after !== undefined) {
      select = select.where(sql<SqlBool>`(api_key.name_key, api_key.id) > (${after[0]}, ${after[1]})`);
    }
    return select.orderBy('api_key.name_key').orderBy('api_key.id');
  }
  if (after !== undefined) select = select.where('api_key.id', '<', String(after[0]));
  return select.orderBy('api_key.id', 'desc');
}

/** The table, by its index; or under its name the few rows of it that the branch is about. */
function from(database: Database, asked: AskedList, branch: Branch) {
  const few = fewOf(database.read, asked, branch);
  if (few === undefined) {
    return database.read.selectFrom(byIndex(database, 'api_key', indexOf(asked, branch)));
  }
  return database.read
    .with(
      (name) => name('few').materialized(),
      () => few,
    )
    .selectFrom('few as api_key');
}

function indexOf({ query, byName }: AskedList, branch: Branch): string {
  const order = byName ? 'by_name' : 'newest';
  if (query.applicationId !== undefined) return `api_key_application_${order}`;
  if (query.createdBy !== undefined) return `api_key_creator_${order}`;
  return branch.standing === undefined ? `api_key_${order}` : `api_key_standing_${order}`;
}

/** Those with an id, with the last four of a secret, or whose expiry has passed and is yet to be noted. */
function fewOf(reader: Reader, asked: AskedList, branch: Branch): Select | undefined {
  const { organizationId, query } = asked;
  const rows = reader.selectFrom('api_key').selectAll('api_key');
  if (branch.search === 'id') return rows.where('api_key.id', '=', query.query ?? '');
  if (branch.search === 'last four') {
    return rows
      .innerJoin('secret', 'secret.api_key_id', 'api_key.id')
      .where('secret.organization_id', '=', organizationId)
      .where('secret.last_four', '=', query.query ?? '');
  }
  if (branch.expires === 'passed, not noted') return rows.where(hasPassed(asked));
  return undefined;
}

/** The words of the index `api_key_expiring`. */
function hasPassed({ organizationId, now }: AskedList) {
  return (eb: ExpressionBuilder<Tables, 'api_key'>) =>
    eb.and([
      eb('api_key.organization_id', '=', organizationId),
      eb('api_key.deleted_at', 'is', null),
      eb('api_key.revoked_at', 'is', null),
      eb('api_key.expiry_noted_at', 'is', null),
      eb('api_key.expires_at', '<=', now),
    ]);
}
