import type { Verification } from '../../verification/conclude.ts';

type Allowed = Extract<Verification, { allowed: true }>;

/** nginx refuses an answer whose headers exceed its buffer of 4 kB: these stay under 3 kB, names and line ends included. */
const LONGEST_IDENTITY = 3_071;
const LONGEST_PROFILE = 2_048;

/** Header values may hold nothing else; ids and scope names never do. */
const VISIBLE_OR_SPACE = /^[\x20-\x7e]*$/;

/**
 * Who calls, for the API behind the gateway. Every header is always there, empty where there is nothing to say: a gateway
 * that copies only what it gets would let the client's own pass instead.
 *
 * Nothing is ever cut, since half a list of scopes or half a profile would be believed. What is too long is left empty and
 * named in `X-Auth-Omitted` (`profile`, `scopes` or both): a profile over 2 kB, and scopes that no longer fit under 3 kB.
 */
export function identityHeaders(allowed: Allowed): Record<string, string> {
  const profile =
    allowed.profile === null
      ? ''
      : Buffer.from(JSON.stringify(allowed.profile.settings)).toString('base64url');
  const scopes = allowed.apiKey.scopes.join(' ');
  const omitted: string[] = [];
  const headers = {
    'X-Auth-Key-Id': allowed.apiKey.id,
    'X-Auth-Application-Id': allowed.application.id,
    'X-Auth-Organization-Id': allowed.organization.id,
    'X-Auth-Environment': allowed.apiKey.environment,
    'X-Auth-Scopes': '',
    'X-Auth-Profile-Id': allowed.profile?.id ?? '',
    'X-Auth-Profile': '',
    // Its longest value, so that the sum below holds whatever it becomes.
    'X-Auth-Omitted': 'profile scopes',
  };
  if (profile.length <= LONGEST_PROFILE) headers['X-Auth-Profile'] = profile;
  else omitted.push('profile');
  const left = LONGEST_IDENTITY - sizeOf(headers);
  if (scopes.length <= left && VISIBLE_OR_SPACE.test(scopes)) headers['X-Auth-Scopes'] = scopes;
  else omitted.push('scopes');
  headers['X-Auth-Omitted'] = omitted.join(' ');
  return headers;
}

function sizeOf(headers: Record<string, string>): number {
  return Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
}
