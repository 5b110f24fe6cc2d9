import type { Application } from '../domain/applications/application.ts';
import type { Connection } from '../domain/applications/connections.ts';
import type { Page } from '../domain/list-page.ts';

export function describeApplication(application: Application, connections: readonly Connection[]): string {
  const lines: [string, string][] = [
    ['Application', application.id],
    ['Title', application.title],
    ['Description', application.description || 'none'],
    ['Team', application.teamId ?? 'none: it belongs to the admins'],
    ['Created', `${application.createdAt} by ${application.createdBy}`],
    [
      'May call',
      connections.length === 0
        ? 'nothing yet: keywright applications connect'
        : describeConnections(connections),
    ],
  ];
  return lines.map(([label, value]) => `${label.padEnd(13)}${value}`).join('\n');
}

export function describeConnections(connections: readonly Connection[]): string {
  return connections
    .map(
      ({ apiId, endpoints }) =>
        `${apiId}: ${endpoints === 'all' ? 'all endpoints' : `${endpoints.length} endpoints`}`,
    )
    .join('\n             ');
}

export function tableOfApplications(page: Page<Application>): string {
  if (page.data.length === 0) return 'No applications. Make one: keywright applications create <title>';
  const rows = page.data.map((application) => `${application.id}  ${application.title}`);
  return [...rows, ...(page.nextCursor === null ? [] : [`More: --cursor ${page.nextCursor}`])].join('\n');
}
