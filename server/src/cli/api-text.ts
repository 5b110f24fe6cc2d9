import type { Api, ApiSummary } from '../domain/apis/api.ts';
import type { ImportReport } from '../domain/apis/import-report.ts';
import { sayCount } from './say-count.ts';

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

export function rowOfApi(api: ApiSummary): string[] {
  return [
    api.id,
    api.slug,
    sayCount(api.endpointCount, 'endpoint'),
    sayCount(api.scopeCount, 'scope'),
    api.name,
  ];
}

function titleOf({ name, slug, id }: { name: string; slug: string; id: string }): string {
  return `${name} (${slug}), ${id}`;
}

function some(lines: readonly string[]): string[] {
  const more = lines.length - mostLines;
  return more > 0 ? [...lines.slice(0, mostLines), `  and ${more} more; --json lists them all`] : [...lines];
}
