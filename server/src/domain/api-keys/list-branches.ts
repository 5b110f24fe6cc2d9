import { isId } from '../../lib/ids.ts';
import type { ListApiKeysQuery } from './list-api-keys.ts';

type Standing = 'active' | 'inactive' | 'expired' | 'revoked';

/** One index range to read. A list is a few of them, merged. */
export type Branch = {
  environment?: 'development' | 'staging' | 'production' | undefined;
  standing?: Standing;
  expires?: 'passed, not noted' | 'not passed';
  search?: 'name' | 'id' | 'last four';
};

const environments = ['development', 'staging', 'production'] as const;
const standings: readonly Standing[] = ['active', 'inactive', 'expired', 'revoked'];

/**
 * Takes a question apart into index ranges. The status is derived from instants, so "expired" is what the expiry job has
 * noted and what it has yet to note, and "active" leaves out the latter.
 */
export function branchesOf(
  query: Pick<ListApiKeysQuery, 'status' | 'environment' | 'applicationId' | 'createdBy' | 'query'>,
): Branch[] {
  return byStatus(query).flatMap((branch) =>
    searchesOf(query.query).map((search) => ({ ...branch, ...search })),
  );
}

function byStatus(query: Parameters<typeof branchesOf>[0]): Branch[] {
  const { status, environment } = query;
  const narrowed = query.applicationId !== undefined || query.createdBy !== undefined;
  const inEnvironments = narrowed || environment !== undefined ? [environment] : environments;
  switch (status) {
    case undefined:
      if (environment === undefined) return [{}];
      return narrowed ? [{ environment }] : standings.map((standing) => ({ environment, standing }));
    case 'revoked':
      return inEnvironments.map((each) => ({ environment: each, standing: status }));
    case 'expired':
      return [
        ...inEnvironments.map((each) => ({ environment: each, standing: status })),
        { environment, expires: 'passed, not noted' },
      ];
    default:
      return inEnvironments.map((each) => ({
        environment: each,
        standing: status,
        expires: 'not passed' as const,
      }));
  }
}

function searchesOf(query: string | undefined): Pick<Branch, 'search'>[] {
  if (query === undefined) return [{}];
  if (isId(query, 'key')) return [{ search: 'id' }];
  return query.length === 4 ? [{ search: 'name' }, { search: 'last four' }] : [{ search: 'name' }];
}
