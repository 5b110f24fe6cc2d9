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

type Lead = 'application_id' | 'created_by' | 'standing' | 'organization_id';
type Select = SelectQueryBuilder<Tables, 'api_key', ApiKeyTable>;

/**
 * The rows of one branch, at most one more than the page holds, in the order of the list: read from the page's beginning on
 * by the index that has them in that order. Where something else finds them, and finds few, they are gathered first:
 * either database would otherwise rather walk the whole order in the hope of meeting them soon.
 */
export function branchQuery(database: Database, asked: AskedList, branch: Branch): Select {
  const { query } = asked;
  let select = from(database, asked, branch)
    .selectAll('api_key')
    .where('api_key.deleted_at', 'is', null)
    .limit(query.limit + 1);
  const [lead, value] = leadOf(asked, branch);
  if (lead !== 'organization_id') select = select.where('api_key.organization_id', '=', asked.organizationId);
  if (branch.environment !== undefined) select = select.where('api_key.environment', '=', branch.environment);
  if (branch.standing !== undefined && lead !== 'standing') {
    select = select.where('api_key.standing', '=', branch.standing);
  }
  if (branch.expires === 'passed, not noted') select = select.where(hasPassed(asked));
  if (branch.expires === 'not passed') {
    select = select.where((eb) =>
      eb.or([eb('api_key.expires_at', 'is', null), eb('api_key.expires_at', '>', asked.now)]),
    );
  }
  if (query.createdBy !== undefined && lead !== 'created_by') {
    select = select.where('api_key.created_by', '=', query.createdBy);
  }
  return stretch(select, asked, branch, [lead, value]);
}

/** The column of the index that stands before the order, and the one value of it that is read. */
function leadOf({ organizationId, query }: AskedList, branch: Branch): [lead: Lead, value: string] {
  if (query.applicationId !== undefined) return ['application_id', query.applicationId];
  if (query.createdBy !== undefined) return ['created_by', query.createdBy];
  if (branch.standing !== undefined) return ['standing', branch.standing];
  return ['organization_id', organizationId];
}

/**
 * The stretch of the index from the page's beginning on. The lead is compared together with what is ordered by, and not by
 * `=`: of an equality PostgreSQL concludes that the order alone is enough, and may walk all keys by another index that
 * has it, until it meets those that are asked for. A search has both ends of its stretch in the name, and needs no such care.
 */
function stretch(select: Select, asked: AskedList, branch: Branch, [lead, value]: [Lead, string]): Select {
  const { byName, after } = asked;
  if (branch.search === 'name') {
    const start = nameKey(asked.query.query ?? '');
    const found = select
      .where(bound('=', [lead], [value]))
      .where(bound('>=', ['name_key'], [start]))
      // U+10FFFF is the greatest character in byte order, so this range is every name that begins so.
      .where(bound('<', ['name_key'], [`${start}\u{10ffff}`]))
      .orderBy('api_key.name_key')
      .orderBy('api_key.id');
    return after === undefined ? found : found.where(bound('>', ['name_key', 'id'], after));
  }
  if (byName) {
    return select
      .where(
        after === undefined
          ? bound('>=', [lead], [value])
          : bound('>', [lead, 'name_key', 'id'], [value, ...after]),
      )
      .where(bound('<=', [lead], [value]))
      .orderBy(`api_key.${lead}`)
      .orderBy('api_key.name_key')
      .orderBy('api_key.id');
  }
  return select
    .where(bound('>=', [lead], [value]))
    .where(after === undefined ? bound('<=', [lead], [value]) : bound('<', [lead, 'id'], [value, ...after]))
    .orderBy(`api_key.${lead}`, 'desc')
    .orderBy('api_key.id', 'desc');
}

function bound(
  operator: '=' | '<' | '<=' | '>' | '>=',
  columns: readonly string[],
  values: readonly string[],
) {
  const names = sql.join(columns.map((column) => sql.ref(`api_key.${column}`)));
  return sql<SqlBool>`(${names}) ${sql.raw(operator)} (${sql.join(values)})`;
}

/** The table, by its index; or under its name the few rows of it that the branch is about. */
function from(database: Database, asked: AskedList, branch: Branch) {
  const few = fewOf(database.read, asked, branch);
  if (few === undefined) {
    const [lead] = leadOf(asked, branch);
    const index = `${indexes[lead]}_${asked.byName ? 'by_name' : 'newest'}`;
    return database.read.selectFrom(byIndex(database, 'api_key', index));
  }
  return database.read
    .with(
      (name) => name('few').materialized(),
      () => few,
    )
    .selectFrom('few as api_key');
}

const indexes: Readonly<Record<Lead, string>> = {
  application_id: 'api_key_application',
  created_by: 'api_key_creator',
  standing: 'api_key_standing',
  organization_id: 'api_key',
};

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
