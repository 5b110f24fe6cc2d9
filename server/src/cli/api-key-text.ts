import type { ApiKey } from '../domain/api-keys/api-key.ts';
import type { Page } from '../domain/list-page.ts';

/** One key for people to read, a field a line. */
export function describeApiKey(apiKey: ApiKey): string {
  const lines: [string, string][] = [
    ['API key', apiKey.id],
    ['Name', apiKey.name],
    ['Status', apiKey.status],
    ['Environment', apiKey.environment],
    ['Application', apiKey.applicationId],
    ['Secret', apiKey.maskedSecret],
    ['Scopes', apiKey.scopes.join(', ') || 'none'],
    ['Addresses', apiKey.ipAllowlist?.join(', ') ?? 'any'],
    ['Profile', apiKey.profileId ?? 'none'],
    ['Expires', apiKey.expiresAt ?? 'never'],
    ['Last used', apiKey.lastUsedAt ?? 'never'],
    ['Created', `${apiKey.createdAt} by ${apiKey.createdBy}`],
  ];
  return lines.map(([label, value]) => `${label.padEnd(12)}${value}`).join('\n');
}

export function tableOfApiKeys(page: Page<ApiKey>): string {
  if (page.data.length === 0) return 'No API keys.';
  const rows = page.data.map((apiKey) =>
    [
      apiKey.id,
      apiKey.status.padEnd(8),
      apiKey.environment.padEnd(11),
      apiKey.maskedSecret.padEnd(22),
      (apiKey.lastUsedAt ?? 'never used').padEnd(24),
      apiKey.name,
    ].join('  '),
  );
  return [...rows, ...(page.nextCursor === null ? [] : [`More: --cursor ${page.nextCursor}`])].join('\n');
}
