import { expectObject, expectText, type JsonObject, ownValue } from './json-object.ts';
import { pointerTo } from './pointer-to.ts';
import { resolveReference } from './resolve-reference.ts';

/** `scopes`: name to description, as the flows of an OAuth scheme declare them; empty for every other type. */
export type SecurityScheme = { type: string; scopes: ReadonlyMap<string, string> };

/** `components.securitySchemes` by name. @throws DocumentError */
export function readSecuritySchemes(document: JsonObject): ReadonlyMap<string, SecurityScheme> {
  const schemes = new Map<string, SecurityScheme>();
  const components = ownValue(document, 'components');
  if (components === undefined) return schemes;
  const declared = ownValue(expectObject(components, '/components', 'components'), 'securitySchemes');
  if (declared === undefined) return schemes;

  const place = '/components/securitySchemes';
  for (const [name, value] of Object.entries(expectObject(declared, place, 'securitySchemes'))) {
    const found = resolveReference(document, value, pointerTo(place, name));
    const scheme = expectObject(found.value, found.pointer, 'A security scheme');
    const type = expectText(
      ownValue(scheme, 'type'),
      pointerTo(found.pointer, 'type'),
      "A security scheme's type",
    );
    const scopes = type === 'oauth2' ? readFlows(scheme, pointerTo(found.pointer, 'flows')) : new Map();
    schemes.set(name, { type, scopes });
  }
  return schemes;
}

/** The scopes of all flows together; of a scope's descriptions the first that says something. */
function readFlows(scheme: JsonObject, pointer: string): Map<string, string> {
  const scopes = new Map<string, string>();
  for (const [name, flow] of Object.entries(expectObject(ownValue(scheme, 'flows'), pointer, 'flows'))) {
    if (name.startsWith('x-')) continue;
    const flowPlace = pointerTo(pointer, name);
    const declared = ownValue(expectObject(flow, flowPlace, 'A flow'), 'scopes');
    if (declared === undefined) continue;
    const place = pointerTo(flowPlace, 'scopes');
    for (const [scope, description] of Object.entries(expectObject(declared, place, "A flow's scopes"))) {
      const text = expectText(description, pointerTo(place, scope), "A scope's description");
      scopes.set(scope, scopes.get(scope) || text);
    }
  }
  return scopes;
}
