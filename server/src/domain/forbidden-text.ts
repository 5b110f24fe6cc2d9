import { holdsControls } from '../lib/hidden-characters.ts';
import { holdsSecret } from '../lib/hide-secrets.ts';
import type { FieldError } from './errors.ts';

const deepest = 64;

/** Where in a request's body something may stand that is refused elsewhere. */
export type Allowed = {
  /** Members that hold whole documents and may have line breaks and the like. */
  documents: readonly string[];
  /** Members where a secret belongs. */
  secrets: readonly string[] | 'all';
};

/**
 * The places of strings, names of members too, that hold control characters or lone surrogates (which are no text: they
 * would be stored as something else), or a secret where none belongs (it would be stored, too). Of documents only the last
 * is asked.
 */
export function findForbiddenText(value: unknown, allowed: Allowed): FieldError[] {
  const found: FieldError[] = [];
  const secretMayBeIn = (name: string) => allowed.secrets === 'all' || allowed.secrets.includes(name);
  function look(part: unknown, pointer: string, depth: number, field: string): void {
    if (depth > deepest) {
      found.push({ pointer, message: `must not be nested more than ${deepest} deep` });
    } else if (typeof part === 'string') {
      if (holdsControls(part))
        found.push({ pointer, message: 'must not hold control characters or lone surrogates' });
      else if (!secretMayBeIn(field) && holdsSecret(part)) found.push({ pointer, message: noSecret });
    } else if (Array.isArray(part)) {
      for (const [index, item] of part.entries()) look(item, `${pointer}/${index}`, depth + 1, field);
    } else if (typeof part === 'object' && part !== null) {
      for (const [name, item] of Object.entries(part)) {
        const inside = `${pointer}/${escapePointer(name)}`;
        if (holdsControls(name))
          found.push({ pointer, message: 'has a member whose name holds control characters' });
        else if (allowed.secrets !== 'all' && holdsSecret(name)) found.push({ pointer, message: noSecret });
        else if (depth > 0 || !allowed.documents.includes(name)) look(item, inside, depth + 1, name);
        else if (findSecret(item)) found.push({ pointer: inside, message: noSecret });
      }
    }
  }
  look(value, '', 0, '');
  return found.slice(0, 100);
}

const noSecret = 'must not hold the secret of a key, which would be kept and shown; take it out';

/** Without recursion: a document is nested as deep as it is long. */
function findSecret(document: unknown): boolean {
  const open: unknown[] = [document];
  while (open.length > 0) {
    const part = open.pop();
    if (typeof part === 'string' && holdsSecret(part)) return true;
    if (typeof part !== 'object' || part === null) continue;
    for (const [name, item] of Object.entries(part)) {
      if (holdsSecret(name)) return true;
      open.push(item);
    }
  }
  return false;
}

/** RFC 6901, section 3. */
export function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
