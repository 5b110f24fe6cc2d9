import type { z } from 'zod';
import { verifyInput } from './verify-schemas.ts';

export type VerifyBody = z.output<typeof verifyInput>;

/** What a text may hold at most, by its member; the schema is the one place where that is said. */
const longest = new Map(
  Object.entries(verifyInput.shape).flatMap(([name, schema]) => {
    const text = schema.safeParse('x'.repeat(20_000));
    const limit = text.error?.issues[0];
    return limit?.code === 'too_big' ? [[name, Number(limit.maximum)] as const] : [];
  }),
);

const quote = 0x22;
const backslash = 0x5c;
const del = 0x7f;

/**
 * The body of a verification, where it is as nearly all of them are: plain ASCII, only text in the members, each within its length.
 * Undefined: it is otherwise, and the schema has to say what it is, or what is wrong with it. Gives just what the schema gives.
 */
export function readPlainBody(bytes: Buffer): VerifyBody | undefined {
  const text = bytes.toString('latin1');
  const quotes = countQuotes(text);
  if (quotes === undefined) return undefined;
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
  if (typeof given.secret !== 'string' || quotes !== 2 * strings) return undefined;
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

/** Undefined: there is more than plain ASCII without escapes, of which no string could hold a quote, a control character or half a pair. */
function countQuotes(text: string): number | undefined {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) count += 1;
    else if (code >= del || code === backslash) return undefined;
  }
  return count;
}
