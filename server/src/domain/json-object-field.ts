import { z } from 'zod';

/** Bytes of the JSON text in UTF-8, without white space. */
export const longestJsonObject = 16_384;
const deepest = 64;

/**
 * Any JSON object, kept as it is: z.record would leave out a member called `__proto__`. Its strings may hold line breaks
 * and other controls, which JSON escapes, but no lone surrogates, which are no text.
 */
export const jsonObjectField = z
  .custom<Record<string, unknown>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    { error: 'must be a JSON object', abort: true },
  )
  // Before the size is taken: writing JSON that is nested without end would exhaust the stack.
  .refine((object) => isShallow(object, 1), {
    error: `must not be nested more than ${deepest} deep`,
    abort: true,
  })
  .refine(isWellFormed, { error: 'must not hold lone surrogates', abort: true })
  .refine((object) => Buffer.byteLength(JSON.stringify(object)) <= longestJsonObject, {
    error: `must have at most ${longestJsonObject} bytes as JSON`,
  })
  .meta({
    type: 'object',
    description:
      'Any JSON object of up to 16 kB. Its values are kept; the order of members, white space, and how a number is ' +
      'written (1.0 or 1) are not. A number that would lose digits is refused: write it as text.',
  });

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth <= deepest && Object.values(value).every((part) => isShallow(part, depth + 1));
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, part]) => name.isWellFormed() && isWellFormed(part));
}
