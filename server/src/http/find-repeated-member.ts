import { DocumentError } from '../domain/apis/openapi/document-error.ts';
import { scanJson } from '../domain/apis/openapi/scan-json.ts';

// A string, which is passed over, or what stands between a member's name and its value.
const stringOrColon = /"[^"\\]*(?:\\.[^"\\]*)*"|:/g;

/**
 * What to say of a JSON text in which an object has a member twice: of two, one would be believed and the other shown
 * (RFC 8259, section 4). Undefined: none has. `value` is what JSON.parse made of the text.
 */
export function findRepeatedMember(json: string, value: unknown): string | undefined {
  let written = 0;
  for (const [token] of json.matchAll(stringOrColon)) if (token === ':') written += 1;
  if (written === countMembers(value)) return undefined;
  try {
    scanJson(json, { depth: Number.POSITIVE_INFINITY, values: Number.POSITIVE_INFINITY });
  } catch (error) {
    if (error instanceof DocumentError) return error.message;
    throw error;
  }
  return undefined;
}

/** Without recursion: the text may be nested as deep as it is long. */
function countMembers(value: unknown): number {
  let count = 0;
  const open = [value];
  while (open.length > 0) {
    const part = open.pop();
    if (typeof part !== 'object' || part === null) continue;
    const parts: unknown[] = Object.values(part);
    if (!Array.isArray(part)) count += parts.length;
    for (const inner of parts) if (typeof inner === 'object' && inner !== null) open.push(inner);
  }
  return count;
}
