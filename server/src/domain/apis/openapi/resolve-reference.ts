import { faultAt } from './fault-at.ts';
import { isJsonObject, type JsonObject, ownValue } from './json-object.ts';
import { pointerTo } from './pointer-to.ts';
import { quoteForMessage } from './quote-for-message.ts';

/**
 * Follows `$ref` inside the document until something else stands there. Members beside a `$ref` are kept and win over the
 * referenced ones (a path item may have both). `pointer` of the answer is the place of what was found.
 *
 * @throws DocumentError for a reference that leaves the document, leads nowhere or in a circle
 */
export function resolveReference(
  document: JsonObject,
  value: unknown,
  pointer: string,
): { value: unknown; pointer: string } {
  const seen = new Set<string>();
  let found: unknown = value;
  let place = pointer;
  while (isJsonObject(found)) {
    const reference = ownValue(found, '$ref');
    if (typeof reference !== 'string') break;
    const refPlace = pointerTo(place, '$ref');
    if (seen.has(reference)) {
      throw faultAt(refPlace, `the reference "${quoteForMessage(reference, 200)}" leads back to itself.`);
    }
    seen.add(reference);
    const { $ref: _, ...beside } = found;
    const target = lookUp(document, reference, refPlace);
    found = isJsonObject(target) ? { ...target, ...beside } : target;
    place = Object.keys(beside).length > 0 ? place : reference.slice(1);
  }
  return { value: found, pointer: place };
}

function lookUp(document: JsonObject, reference: string, refPlace: string): unknown {
  const quoted = quoteForMessage(reference, 200);
  if (!reference.startsWith('#/')) throw faultAt(refPlace, `"${quoted}" must begin with #/ to be followed.`);
  let value: unknown = document;
  for (const segment of reference.slice(2).split('/')) {
    const key = decodeSegment(segment, refPlace);
    if (Array.isArray(value)) value = /^(0|[1-9][0-9]*)$/.test(key) ? value[Number(key)] : undefined;
    else value = isJsonObject(value) ? ownValue(value, key) : undefined;
    if (value === undefined) throw faultAt(refPlace, `"${quoted}" leads to nothing in the document.`);
  }
  return value;
}

/** RFC 6901 section 6: a pointer in a URI fragment is percent-encoded over its own escapes. */
function decodeSegment(segment: string, refPlace: string): string {
  try {
    return decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    throw faultAt(refPlace, 'a % in the reference is not followed by two hexadecimal digits.');
  }
}
