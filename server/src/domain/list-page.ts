import { z } from 'zod';
import { AppError } from './errors.ts';

const mostPerPage = 200;
const limitMessage = `must be a whole number from 1 to ${mostPerPage}`;

/** Lists are read by keyset: a cursor is the sort key of the last row seen, so pages stay quick and stable at any depth. */
export const pageQuery = {
  limit: z
    .string()
    // JavaScript would read 0x10, 1e1 and blanks as numbers, too.
    .regex(/^\d{1,3}$/, { error: limitMessage })
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= mostPerPage, { error: limitMessage })
    .meta({ type: 'integer', default: 50, minimum: 1, maximum: mostPerPage })
    .default(50),
  cursor: z.string().max(2_000, { error: 'is too long; send the nextCursor of the page before' }).optional(),
};

export function encodeCursor(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/**
 * The sort key in a cursor that this list handed out.
 * @throws AppError `invalid_request` for anything else.
 */
export function decodeCursor(cursor: string, length: number): readonly string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(parts) && parts.length === length && parts.every(isText)) {
      return parts;
    }
  } catch {
    // Not one of ours: said below.
  }
  throw new AppError('invalid_request', 'The request has a field that is not right.', {
    fields: [
      {
        pointer: '?cursor',
        message: 'is not a cursor of this list; send the nextCursor of the page before, or none',
      },
    ],
  });
}

/** PostgreSQL has no NUL in its text. */
function isText(part: unknown): part is string {
  return typeof part === 'string' && part.isWellFormed() && !part.includes('\0');
}

export type Page<Item> = { data: Item[]; nextCursor: string | null };

/** Where a list that is newest first by id begins: before the last id that was seen, or before any. */
export function idBefore(query: { cursor?: string | undefined }): string {
  // No id begins with a tilde, which stands after all letters.
  return query.cursor === undefined ? '~' : String(decodeCursor(query.cursor, 1)[0]);
}

/** Cuts the one row too many that was read to learn whether there is a next page. */
export function toPage<Row extends { id: string }, Item>(
  rows: readonly Row[],
  limit: number,
  present: (row: Row) => Item,
  keyOf: (row: Row) => readonly string[] = (row) => [row.id],
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    data: shown.map(present),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null,
  };
}
