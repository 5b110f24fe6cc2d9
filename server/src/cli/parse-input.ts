import type { z } from 'zod';
import { AppError } from '../domain/errors.ts';

/** Checks what the command line gave by the verb's own schema. @throws AppError `invalid_request`, each field named. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError('invalid_request', 'This cannot be done as asked:', {
    fields: parsed.error.issues.map((issue) => ({
      pointer: `/${issue.path.join('/')}`,
      message: issue.message,
    })),
  });
}
