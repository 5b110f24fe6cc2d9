/** Characters. Gateways give the headers of an answer about 4 kB together, and refuse one that has more. */
const longestScope = 1_024;

/** What RFC 6750, section 3, lets a scope consist of; a quote would end the attribute. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * `WWW-Authenticate` as RFC 6750, section 3, has it. `scopes`: all that the request needs; left out where the list is too
 * long for a header, since half of it would be believed.
 */
export function bearerChallenge(
  wrong?:
    | { error: 'invalid_token'; description: string }
    | { error: 'insufficient_scope'; description: string; scopes: readonly string[] },
): string {
  const parts = ['realm="keywright"'];
  if (wrong !== undefined) {
    parts.push(`error="${wrong.error}"`);
    parts.push(`error_description="${wrong.description.replace(/[^\x20-\x7e]|["\\]/g, '')}"`);
    if (wrong.error === 'insufficient_scope') parts.push(...scopeAttribute(wrong.scopes));
  }
  return `Bearer ${parts.join(', ')}`;
}

function scopeAttribute(scopes: readonly string[]): string[] {
  const each = [...new Set(scopes)];
  const list = each.join(' ');
  const fits = list.length > 0 && list.length <= longestScope && each.every((scope) => SCOPE.test(scope));
  return fits ? [`scope="${list}"`] : [];
}
