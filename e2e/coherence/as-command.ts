import type { Call } from '../../server/test/verdict-changes/verdict-change.ts';

const patterns: readonly (readonly [
  method: string,
  path: RegExp,
  toArgs: (id: string, verb: string) => string[],
])[] = [
  ['POST', /^\/v1\/api-keys\/(\w+)\/(disable|enable|revoke)$/, (id, verb) => ['api-keys', verb, id]],
  ['DELETE', /^\/v1\/api-keys\/(\w+)$/, (id) => ['api-keys', 'delete', id]],
  ['DELETE', /^\/v1\/applications\/(\w+)$/, (id) => ['applications', 'delete', id]],
  ['DELETE', /^\/v1\/apis\/(\w+)$/, (id) => ['apis', 'delete', id]],
  ['POST', /^\/v1\/management-keys\/(\w+)\/(revoke)$/, (id) => ['management-keys', 'revoke', id]],
];

/** The words of the command line that do the same as this call; undefined where there are none. */
export function asCommand({ method, path }: Call): string[] | undefined {
  for (const [only, pattern, toArgs] of patterns) {
    const [, id, verb] = pattern.exec(path) ?? [];
    if (method === only && id !== undefined) return toArgs(id, verb ?? '');
  }
  return undefined;
}
