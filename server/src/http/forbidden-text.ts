import type { FieldError } from '../domain/errors.ts';

/** C0 and C1 controls. They break logs and terminals, and a NUL ends text in PostgreSQL. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const control = /[\u0000-\u001f\u007f-\u009f]/;
const deepest = 64;

/**
 * The places of strings, names of members too, that hold control characters or lone surrogates (which are no text:
 * they would be stored as something else). Members named in `documents` hold whole documents and may have line breaks.
 */
export function findForbiddenText(value: unknown, documents: readonly string[]): FieldError[] {
  const found: FieldError[] = [];
  function look(part: unknown, pointer: string, depth: number): void {
    if (depth > deepest) {
      found.push({ pointer, message: `must not be nested more than ${deepest} deep` });
    } else if (typeof part === 'string') {
      if (isForbidden(part))
        found.push({ pointer, message: 'must not hold control characters or lone surrogates' });
    } else if (Array.isArray(part)) {
      for (const [index, item] of part.entries()) look(item, `${pointer}/${index}`, depth + 1);
    } else if (typeof part === 'object' && part !== null) {
      for (const [name, item] of Object.entries(part)) {
        if (isForbidden(name))
          found.push({ pointer, message: 'has a member whose name holds control characters' });
        else if (depth > 0 || !documents.includes(name))
          look(item, `${pointer}/${escapePointer(name)}`, depth + 1);
      }
    }
  }
  look(value, '', 0);
  return found.slice(0, 100);
}

export function isForbidden(text: string): boolean {
  return control.test(text) || !text.isWellFormed();
}

/** RFC 6901, section 3. */
export function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
