import type { Api, ApiSummary } from '../domain/apis/api.ts';
import type { ImportReport } from '../domain/apis/import-report.ts';
import type { Page } from '../domain/list-page.ts';

const mostLines = 20;

/** What an import did, in plain words; long lists by their beginning. */
export function describeImport(api: Api, report: ImportReport, created: boolean): string {
  const { added, changed, removed } = report;
  const line = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;
  return [
    `${created ? 'Made' : 'Read again'}: ${titleOf(api)}`,
    `Endpoints: ${added.length} added, ${changed.length} changed, ${removed.length} removed; ${api.endpoints.length} now.`,
    ...some(added.map((endpoint) => `  + ${line(endpoint)}`)),
    ...some(changed.map((endpoint) => `  ~ ${line(endpoint)}: ${endpoint.what}`)),
    ...some(removed.map((endpoint) => `  - ${line(endpoint)}`)),
    `Scopes: ${api.scopes.map((scope) => scope.name).join(', ') || 'none'}`,
    ...(report.notes.length === 0 ? [] : ['Good to know:', ...report.notes.map((note) => `  ${note}`)]),
  ].join('\n');
}

export function describeApi(api: Api): string {
  const scopes = api.scopes.map(({ name, access, description }) =>
    `  ${name} (${access})  ${description}`.trimEnd(),
  );
  const endpoints = api.endpoints.map(({ id, method, path, scopes: asked }) =>
    [`  ${id}`, method.padEnd(7), path, asked.length === 0 ? '(no scope)' : `(${asked.join(', ')})`].join(
      '  ',
    ),
  );
  return [
    titleOf(api),
    `Created ${api.createdAt} by ${api.createdBy}, last changed ${api.updatedAt}`,
    `Scopes: ${scopes.length}`,
    ...scopes,
    `Endpoints: ${endpoints.length}`,
    ...endpoints,
  ].join('\n');
}

export function tableOfApis(page: Page<ApiSummary>): string {
  if (page.data.length === 0) return 'No APIs. Make one: keywright apis import <file> --slug <slug>';
  const rows = page.data.map((api) =>
    [
      api.id,
      api.slug.padEnd(20),
      `${api.endpointCount} endpoints`.padEnd(15),
      `${api.scopeCount} scopes`.padEnd(11),
      api.name,
    ].join('  '),
  );
  return [...rows, ...(page.nextCursor === null ? [] : [`More: --cursor ${page.nextCursor}`])].join('\n');
}

function titleOf({ name, slug, id }: { name: string; slug: string; id: string }): string {
  return `${name} (${slug}), ${id}`;
}

function some(lines: readonly string[]): string[] {
  const more = lines.length - mostLines;
  return more > 0 ? [...lines.slice(0, mostLines), `  and ${more} more; --json lists them all`] : [...lines];
}
