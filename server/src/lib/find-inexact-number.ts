import { isExactNumber } from './is-exact-number.ts';

// A string, which is passed over, or a number. Of text that is known to be JSON this finds neither too much nor too little.
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/** The first number in a JSON text that would not keep its value, as it is written there; undefined: all would. */
export function findInexactNumber(json: string): string | undefined {
  for (const [found] of json.matchAll(stringOrNumber)) {
    if (!found.startsWith('"') && !isExactNumber(found)) return found;
  }
  return undefined;
}
