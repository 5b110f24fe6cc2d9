import { compileTemplate } from '../../../lib/path-template.ts';
import { expectObject, expectText, isJsonObject, type JsonObject, ownValue } from './json-object.ts';
import { pointerTo } from './pointer-to.ts';

/** `''` is the root. `unusable` says why nothing was taken from the server's URL. */
export type BasePath = { path: string; url: string; unusable: string | null };

const LONGEST_BASE_PATH = 200;
const SCHEME_AND_AUTHORITY = /^(?:(?:[A-Za-z][A-Za-z0-9+.-]*|\{[^{}]*\}):)?\/\/[^/?#]*/;
const UNKNOWN_FIRST_VARIABLE = /^\{[^{}]*\}/;

/**
 * The path of a Server Object's URL, its variables replaced by their defaults (OpenAPI 3.1.1 section 4.8.5). A gateway sees
 * the whole original path, so that endpoints begin with it.
 *
 * @throws DocumentError where the Server Object has the wrong form
 */
export function readBasePath(server: unknown, pointer: string): BasePath {
  const object = expectObject(server, pointer, 'A server');
  const url = expectText(ownValue(object, 'url'), pointerTo(pointer, 'url'), "A server's url");
  const known = url.replace(/\{([^{}]*)\}/g, (whole, name: string) => defaultOf(object, name) ?? whole);
  const unusable = (why: string): BasePath => ({ path: '', url, unusable: why });

  const start = SCHEME_AND_AUTHORITY.exec(known) ?? UNKNOWN_FIRST_VARIABLE.exec(known);
  const rest = known.slice(start?.[0].length ?? 0).replace(/[?#].*$/s, '');
  if (start === null && !/^(?:\.?\/|\.?$)/.test(rest)) {
    return unusable('it is neither an absolute URL nor a path that begins with /');
  }
  const path = withoutTrailingSlashes(rest.replace(/^\./, ''));
  if (path === '') return { path, url, unusable: null };
  if (path.includes('{')) return unusable('a variable in its path has no default');
  if (path.length > LONGEST_BASE_PATH)
    return unusable(`its path is longer than ${LONGEST_BASE_PATH} characters`);
  if (!compileTemplate(path).ok) return unusable('no request could have its path');
  return { path, url, unusable: null };
}

function defaultOf(server: JsonObject, name: string): string | undefined {
  const variables = ownValue(server, 'variables');
  const variable = isJsonObject(variables) ? ownValue(variables, name) : undefined;
  const value = isJsonObject(variable) ? ownValue(variable, 'default') : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** A loop: the pattern for it would be quadratic in a path of slashes. */
function withoutTrailingSlashes(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}
