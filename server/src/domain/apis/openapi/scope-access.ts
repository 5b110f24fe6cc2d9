/** Methods that only read (RFC 9110 section 9.2.1). */
export const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

const READING = new Set(['read', 'readonly', 'view']);
const CHANGING = new Set([
  'write',
  'readwrite',
  'full',
  'admin',
  'manage',
  'create',
  'update',
  'delete',
  'all',
]);

/**
 * Whether a scope reads or may do everything. `read`, if its name has `read`, `readonly` or `view` as a word and no word for
 * changing (`orders:read`, `read:users`, `repo.readonly`, not `read_write`), or if operations ask for it and all are safe.
 * Else `full`. It is a label for people; what a key may call is decided by the endpoints' scopes alone.
 */
export function scopeAccess(name: string, askedBy: ReadonlySet<string>): 'read' | 'full' {
  const words = name.toLowerCase().split(/[^a-z0-9]+/);
  if (words.some((word) => READING.has(word)) && !words.some((word) => CHANGING.has(word))) return 'read';
  return askedBy.size > 0 && [...askedBy].every((method) => SAFE_METHODS.has(method)) ? 'read' : 'full';
}
