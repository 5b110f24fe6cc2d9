import type { Application } from '../domain/applications/application.ts';
import type { Connection } from '../domain/applications/connections.ts';
import { sayCount } from './say-count.ts';

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
        `${apiId}: ${endpoints === 'all' ? 'all endpoints' : sayCount(endpoints.length, 'endpoint')}`,
    )
    .join('\n             ');
}
