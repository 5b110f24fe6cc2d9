import { SCOPE_NAME_PATTERN } from '../scope-name.ts';
import { faultAt } from './fault-at.ts';
import { expectList, expectObject, expectText } from './json-object.ts';
import { pointerTo } from './pointer-to.ts';
import { quoteForMessage } from './quote-for-message.ts';
import type { SecurityScheme } from './read-security-schemes.ts';

/** What a `security` list asks for. `scopes` are sorted, each once, and united over all alternatives. */
export type Requirements = {
  scopes: string[];
  /** Alternatives ask for different scopes, so that the union is more than any of them. */
  united: boolean;
  /** One alternative asks for nothing at all. */
  optional: boolean;
};

/**
 * Reads a list of Security Requirement Objects (OpenAPI 3.1.1 section 4.8.30): one of the list suffices, and within one all
 * schemes are needed. A key cannot choose an alternative, so the union is taken, which never lets through more than the document.
 * Names under other schemes than OAuth's are roles in 3.1 and should be none in 3.0; they are taken in both: more is stricter.
 *
 * A scope whose name Keywright cannot hold is an error, since without it the endpoint would be open to more keys.
 *
 * @throws DocumentError
 */
export function readRequirements(
  value: unknown,
  pointer: string,
  schemes: ReadonlyMap<string, SecurityScheme>,
  limits: { scopesPerEndpoint: number },
): Requirements {
  const united = new Set<string>();
  const alternatives = new Set<string>();
  let optional = false;
  for (const [index, alternative] of expectList(value, pointer, 'security').entries()) {
    const place = pointerTo(pointer, index);
    const needed = Object.entries(expectObject(alternative, place, 'A security requirement'));
    if (needed.length === 0) optional = true;
    const scopes = new Set<string>();
    for (const [scheme, names] of needed) {
      const schemePlace = pointerTo(place, scheme);
      if (!schemes.has(scheme)) {
        throw faultAt(
          schemePlace,
          'no security scheme of this name is declared under /components/securitySchemes.',
        );
      }
      const list = expectList(names, schemePlace, 'The scopes of a security requirement');
      for (const [position, name] of list.entries()) {
        scopes.add(expectScopeName(name, pointerTo(schemePlace, position)));
      }
    }
    for (const scope of scopes) united.add(scope);
    if (united.size > limits.scopesPerEndpoint) {
      throw faultAt(place, `more than ${limits.scopesPerEndpoint} scopes are asked for together.`);
    }
    alternatives.add([...scopes].sort().join(' '));
  }
  return { scopes: [...united].sort(), united: alternatives.size > 1 && united.size > 0, optional };
}

function expectScopeName(value: unknown, pointer: string): string {
  const name = expectText(value, pointer, "A scope's name");
  if (SCOPE_NAME_PATTERN.test(name)) return name;
  throw faultAt(
    pointer,
    `"${quoteForMessage(name, 120)}" cannot be the name of a scope: use 1 to 100 letters, digits or . _ : / - and begin with a letter or digit.`,
  );
}
