import { DocumentError } from '../domain/apis/openapi/document-error.ts';
import { scanJson } from '../domain/apis/openapi/scan-json.ts';

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/**
 * What to say of a JSON text in which an object has a member twice: of two, one would be believed and the other shown
 * (RFC 8259, section 4). Undefined: none has. `value` is what JSON.parse made of the text.
 */
export function findRepeatedMember(json: string, value: unknown): string | undefined {
  if (countColons(json) === countMembers(value)) return undefined;
  try {
    scanJson(json, { depth: Number.POSITIVE_INFINITY, values: Number.POSITIVE_INFINITY });
  } catch (error) {
    if (error instanceof DocumentError) return error.message;
    throw error;
  }
  return undefined;
}

/** Those that stand between a name and its value. A loop, not a pattern: that would need a stack as deep as a string is long. */
function countColons(json: string): number {
  let count = 0;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === COLON) count += 1;
    else if (code === QUOTE) {
      for (at += 1; at < json.length && json.charCodeAt(at) !== QUOTE; at += 1) {
        if (json.charCodeAt(at) === BACKSLASH) at += 1;
      }
    }
  }
  return count;
}

/** Without recursion: the text may be nested as deep as it is long. */
function countMembers(value: unknown): number {
  let count = 0;
  const open = [value];
  while (open.length > 0) {
    const part = open.pop();
    if (Array.isArray(part)) {
      for (const item of part) if (typeof item === 'object' && item !== null) open.push(item);
    } else if (typeof part === 'object' && part !== null) {
      // What JSON.parse made has no enumerable members but its own.
      for (const name in part) {
        count += 1;
        const item: unknown = (part as Record<string, unknown>)[name];
        if (typeof item === 'object' && item !== null) open.push(item);
      }
    }
  }
  return count;
}
