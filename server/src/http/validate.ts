import type { z } from 'zod';
import { AppError, type FieldError } from '../domain/errors.ts';
import { escapePointer } from '../domain/forbidden-text.ts';
import { holdsControls } from '../lib/hidden-characters.ts';

/**
 * Checks the parts of a request by their schemas, all of them before it answers, so that every wrong field is said at
 * once.
 * @throws AppError `invalid_request`.
 */
export function validateParts(
  parts: readonly { schema: z.ZodType; value: unknown; where: '' | '?' | ':' }[],
): unknown[] {
  const fields: FieldError[] = [];
  const values = parts.map(({ schema, value, where }) => {
    if (where !== '') fields.push(...findForbiddenParameters(value, where));
    const result = schema.safeParse(value);
    // One by one: a large body can have more wrong fields than a call may have arguments.
    if (!result.success) {
      for (const issue of result.error.issues) for (const field of toFields(issue, where)) fields.push(field);
    }
    return result.success ? result.data : undefined;
  });
  if (fields.length > 0) {
    const plural = fields.length > 1 ? `${fields.length} fields that are` : 'a field that is';
    throw new AppError('invalid_request', `The request has ${plural} not right.`, {
      fields: fields.slice(0, 100),
    });
  }
  return values;
}

/** Parts of the path and of the query, which are text before they are anything else. */
function findForbiddenParameters(value: unknown, where: '?' | ':'): FieldError[] {
  return Object.entries(value as Record<string, string>).flatMap(([name, text]) =>
    holdsControls(name) || holdsControls(text)
      ? [{ pointer: `${where}${name}`, message: 'must not hold control characters; take them out' }]
      : [],
  );
}

function toFields(issue: z.core.$ZodIssue, where: '' | '?' | ':'): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: point([...issue.path, key], where),
      message: 'is not a field of this request; remove it',
    }));
  }
  if (issue.code === 'invalid_type' && issue.input === undefined && /undefined/.test(issue.message)) {
    return [{ pointer: point(issue.path, where), message: 'is required' }];
  }
  return [{ pointer: point(issue.path, where), message: sayType(issue) }];
}

const kinds: Readonly<Record<string, string>> = {
  object: 'a JSON object',
  array: 'a list',
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
};

/** Of a schema that has no words of its own for a value of the wrong type. */
function sayType(issue: z.core.$ZodIssue): string {
  const kind = issue.code === 'invalid_type' ? kinds[issue.expected] : undefined;
  return kind !== undefined && issue.message.startsWith('Invalid input') ? `must be ${kind}` : issue.message;
}

/** A JSON pointer into the body; `?name` for a query parameter, `:name` for a part of the path. */
function point(path: readonly PropertyKey[], where: '' | '?' | ':'): string {
  if (where !== '') return `${where}${path.map(String).join('.')}`;
  return path.map((part) => `/${escapePointer(String(part))}`).join('');
}
