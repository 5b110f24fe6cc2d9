import { isAscii } from 'node:buffer';
import type { z } from 'zod';
import { verifyInput } from './verify-schemas.ts';

export type VerifyBody = z.output<typeof verifyInput>;

/** What a text may hold at most, by its member; the schema is the one place where that is said. */
const longest = new Map(
  Object.entries(verifyInput.shape).flatMap(([name, schema]) => {
    const text = schema.safeParse('x'.repeat(1e6));
    const limit = text.error?.issues[0];
    return limit?.code === 'too_big' ? [[name, Number(limit.maximum)] as const] : [];
  }),
);

/** With neither, no string holds a control character, a lone surrogate or a quote. */
const escapeOrDelete = /[\\\u007f]/;

/**
 * The body of a verification, where it is as nearly all of them are: plain ASCII, only text in the members, each within its length.
 * Undefined: it is otherwise, and the schema has to say what it is, or what is wrong with it. Gives just what the schema gives.
 */
export function readPlainBody(bytes: Uint8Array): VerifyBody | undefined {
  if (!isAscii(bytes)) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  if (escapeOrDelete.test(text)) return undefined;
  const body = parse(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const given = body as Record<string, unknown>;
  let strings = 0;
  for (const name in given) {
    const value = given[name];
    const limit = longest.get(name);
    if (typeof value === 'string') {
      if (limit === undefined ? !isEnvironment(name, value) : value.length > limit) return undefined;
      strings += 2;
    } else {
      const scopes = name === 'scopes' && isShortList(value) ? value : undefined;
      if (scopes === undefined) return undefined;
      strings += 1 + scopes.length;
    }
  }
  // A member that is there twice was lost in parsing, but its quotes are still there.
  if (typeof given.secret !== 'string' || countQuotes(text) !== 2 * strings) return undefined;
  given.scopes ??= [];
  given.environment ??= 'production';
  return given as VerifyBody;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isEnvironment(name: string, value: string): boolean {
  return name === 'environment' && (value === 'production' || value === 'staging' || value === 'development');
}

/** Within the schema's bounds. */
function isShortList(value: unknown): value is string[] {
  if (!Array.isArray(value) || value.length > 100) return false;
  for (const item of value) if (typeof item !== 'string' || item.length > 200) return false;
  return true;
}

function countQuotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count += 1;
  return count;
}
