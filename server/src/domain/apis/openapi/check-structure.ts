import { faultAt } from './fault-at.ts';
import { isJsonObject } from './json-object.ts';
import type { OpenApiLimits } from './openapi-limits.ts';
import { pointerTo } from './pointer-to.ts';
import { quoteForMessage } from './quote-for-message.ts';

/** Members whose keys are names given by the author, so that a schema's property called `example` is not an example. */
const MAPS_OF_NAMES = new Set([
  ...[
    'paths',
    'webhooks',
    'pathItems',
    'callbacks',
    'responses',
    'schemas',
    'requestBodies',
    'headers',
    'links',
  ],
  ...['securitySchemes', 'examples', 'content', 'encoding', 'properties', 'patternProperties', '$defs'],
  ...['definitions', 'dependentSchemas'],
]);
/** Members that hold plain data, in which `$ref` means nothing. */
const DATA = new Set(['example', 'default', 'enum', 'const', 'value']);

/**
 * Bounds the depth and the number of values (YAML aliases expanded, so an alias to itself is refused as too deep), and refuses
 * every reference that leaves the document, also where Keywright does not look: nothing is ever fetched or read, so a document
 * in several pieces would be imported in part without a word.
 *
 * @throws DocumentError
 */
export function checkStructure(document: unknown, limits: Pick<OpenApiLimits, 'depth' | 'values'>): void {
  const path: (string | number)[] = [];
  const here = (): string => path.reduce<string>(pointerTo, '');
  let values = 0;

  const walk = (value: unknown, isMapOfNames: boolean, isData: boolean): void => {
    values += 1;
    if (values > limits.values) throw faultAt(here(), `the document has more than ${limits.values} values.`);
    if (typeof value !== 'object' || value === null) return;
    if (path.length === limits.depth) {
      throw faultAt(here(), `the document is nested deeper than ${limits.depth} levels.`);
    }
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index += 1) {
        path.push(index);
        walk(value[index], false, isData);
        path.pop();
      }
      return;
    }
    for (const [key, member] of Object.entries(value)) {
      path.push(key);
      if (key === '$ref' && !isData && typeof member === 'string' && !member.startsWith('#')) {
        throw faultAt(
          here(),
          `"${quoteForMessage(member, 200)}" is outside the document. Only references that begin with #/ are followed; ` +
            'nothing is fetched or read from disk. Bundle the description into one document and import that.',
        );
      }
      const isKeyword = !isMapOfNames;
      const holdsData =
        isData ||
        (isKeyword &&
          (DATA.has(key) || key.startsWith('x-') || (key === 'examples' && !isJsonObject(member))));
      walk(member, isKeyword && MAPS_OF_NAMES.has(key), holdsData);
      path.pop();
    }
  };
  walk(document, false, false);
}
