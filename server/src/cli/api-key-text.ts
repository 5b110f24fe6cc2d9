import type { ApiKey } from '../domain/api-keys/api-key.ts';

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
    ['Metadata', Object.keys(apiKey.metadata).length === 0 ? 'none' : JSON.stringify(apiKey.metadata)],
    ['Last used', apiKey.lastUsedAt ?? 'never'],
    ['Created', `${apiKey.createdAt} by ${apiKey.createdBy}`],
  ];
  return lines.map(([label, value]) => `${label.padEnd(12)}${value}`).join('\n');
}

export function rowOfApiKey(apiKey: ApiKey): string[] {
  return [
    apiKey.id,
    apiKey.status,
    apiKey.environment,
    apiKey.maskedSecret,
    apiKey.lastUsedAt ?? 'never used',
    apiKey.name,
  ];
}
