import { faultAt } from './fault-at.ts';
import { expectObject, type JsonObject, ownValue } from './json-object.ts';
import { pointerTo } from './pointer-to.ts';
import { quoteForMessage } from './quote-for-message.ts';
import { resolveReference } from './resolve-reference.ts';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

/** `path` is the key under `paths`, without base path; `method` is in upper case; `pointer` is the operation's place. */
export type Operation = {
  method: string;
  path: string;
  pointer: string;
  operation: JsonObject;
  pathItem: JsonObject;
  pathItemPointer: string;
};

/**
 * Every path × method under `paths`, in the document's order; path items may be references.
 * `unread` counts OpenAPI 3.2's `query` and `additionalOperations`.
 *
 * @throws DocumentError
 */
export function listOperations(
  document: JsonObject,
  limits: { operations: number },
): { operations: Operation[]; unread: number } {
  const paths = expectObject(ownValue(document, 'paths'), '/paths', 'paths (the endpoints to import)');
  const operations: Operation[] = [];
  let unread = 0;
  for (const [path, value] of Object.entries(paths)) {
    if (path.startsWith('x-')) continue;
    const place = pointerTo('/paths', path);
    if (!path.startsWith('/')) {
      throw faultAt(place, `the path "${quoteForMessage(path, 100)}" must begin with a slash.`);
    }
    const found = resolveReference(document, value, place);
    const pathItem = expectObject(found.value, place, 'A path item');
    for (const method of METHODS) {
      const member = ownValue(pathItem, method);
      if (member === undefined) continue;
      const pointer = pointerTo(found.pointer, method);
      const operation = expectObject(
        resolveReference(document, member, pointer).value,
        pointer,
        'An operation',
      );
      if (operations.length === limits.operations) {
        throw faultAt(pointer, `the document has more than ${limits.operations} operations.`);
      }
      operations.push({
        method: method.toUpperCase(),
        path,
        pointer,
        operation,
        pathItem,
        pathItemPointer: found.pointer,
      });
    }
    unread += countUnread(pathItem, found.pointer);
  }
  return { operations, unread };
}

function countUnread(pathItem: JsonObject, pointer: string): number {
  const additional = ownValue(pathItem, 'additionalOperations');
  const place = pointerTo(pointer, 'additionalOperations');
  const others =
    additional === undefined
      ? 0
      : Object.keys(expectObject(additional, place, 'additionalOperations')).length;
  return others + (ownValue(pathItem, 'query') === undefined ? 0 : 1);
}
