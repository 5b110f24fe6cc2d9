import type { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { type Allowed, findForbiddenText } from '../domain/forbidden-text.ts';

/**
 * Checks what the command line gave by what the API checks it by: no controls, no secret where none belongs, and the verb's
 * own schema.
 * @throws AppError `invalid_request`, each field named.
 */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  allowed: Partial<Allowed> = {},
): z.infer<Schema> {
  const forbidden = findForbiddenText(value, { documents: [], secrets: [], ...allowed });
  const parsed = schema.safeParse(value);
  if (parsed.success && forbidden.length === 0) return parsed.data;
  const wrong = (parsed.error?.issues ?? []).map((issue) => ({
    pointer: `/${issue.path.join('/')}`,
    message: issue.message,
  }));
  throw new AppError('invalid_request', 'This cannot be done as asked:', {
    fields: [...forbidden, ...wrong],
  });
}
