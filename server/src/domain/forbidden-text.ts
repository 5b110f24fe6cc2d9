import { setImmediate as letOthersIn } from 'node:timers/promises';
import { holdsControls } from '../lib/hidden-characters.ts';
import { holdsSecret } from '../lib/hide-secrets.ts';
import type { FieldError } from './errors.ts';

const deepest = 64;
/** More than these are not named. */
const mostFields = 100;
/** Values that are looked at before others are let in. */
const perTurn = 5_000;

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
  const walk = beginWalk(value, allowed);
  walk.goOn(Number.POSITIVE_INFINITY);
  return walk.found;
}

/** The same of a body that is so large that everybody else is let in between. */
export async function findForbiddenTextInTurns(value: unknown, allowed: Allowed): Promise<FieldError[]> {
  const walk = beginWalk(value, allowed);
  while (!walk.goOn(perTurn)) await letOthersIn();
  return walk.found;
}

/** A list or an object that is being looked through; `names` of an object's members, undefined for a list. */
type Inside = {
  part: Record<string | number, unknown>;
  names: readonly string[] | undefined;
  size: number;
  next: number;
  name: string;
  outer: Inside | undefined;
  depth: number;
  /** The member that it stands in, which says whether a secret may be there. */
  field: string;
  isDocument: boolean;
};

type Place = Pick<Inside, 'name' | 'outer'>;

/** Without recursion: a document is nested as deep as it is long. */
function beginWalk(value: unknown, allowed: Allowed) {
  const found: FieldError[] = [];
  let inside: Inside | undefined;

  const report = (at: Place, message: string) => found.push({ pointer: pointerOf(at), message });
  const secretMayBeIn = (field: string) => allowed.secrets === 'all' || allowed.secrets.includes(field);
  const enter = (part: object, name: string, depth: number, field: string, isDocument: boolean): void => {
    const names = Array.isArray(part) ? undefined : Object.keys(part);
    const size = names?.length ?? (part as unknown[]).length;
    inside = {
      part: part as Inside['part'],
      names,
      size,
      next: 0,
      name,
      outer: inside,
      depth,
      field,
      isDocument,
    };
  };

  const lookAt = (part: unknown, name: string, depth: number, field: string, isDocument: boolean): void => {
    // Where it stands, for what is to be said of it.
    const here = (message: string) => report({ name, outer: inside }, message);
    if (!isDocument && depth > deepest) here(`must not be nested more than ${deepest} deep`);
    else if (typeof part === 'string') {
      if (!isDocument && holdsControls(part)) here('must not hold control characters or lone surrogates');
      else if (!secretMayBeIn(field) && holdsSecret(part)) here(noSecret);
    } else if (typeof part === 'object' && part !== null) enter(part, name, depth, field, isDocument);
  };

  const lookAtMember = (at: Inside, name: string): void => {
    const isDocument = at.isDocument || (at.depth === 0 && allowed.documents.includes(name));
    if (!at.isDocument && holdsControls(name)) report(at, 'has a member whose name holds control characters');
    else if (allowed.secrets !== 'all' && holdsSecret(name)) report(at, noSecret);
    else lookAt(at.part[name], name, at.depth + 1, isDocument ? at.field : name, isDocument);
  };

  lookAt(value, '', 0, '', false);
  return {
    found,
    /** Looks at so many values more; true: all were looked at, or enough was found. */
    goOn(values: number): boolean {
      for (let left = values; inside !== undefined && found.length < mostFields; left -= 1) {
        if (left <= 0) return false;
        const at: Inside = inside;
        const index = at.next;
        at.next += 1;
        if (index >= at.size) inside = at.outer;
        else if (at.names === undefined) {
          lookAt(at.part[index], String(index), at.depth + 1, at.field, at.isDocument);
        } else lookAtMember(at, at.names[index] ?? '');
      }
      return true;
    },
  };
}

const noSecret = 'must not hold the secret of a key, which would be kept and shown; take it out';

function pointerOf(at: Place): string {
  let pointer = '';
  // The outermost has no name.
  for (let each = at; each.outer !== undefined; each = each.outer)
    pointer = `/${escapePointer(each.name)}${pointer}`;
  return pointer;
}

/** RFC 6901, section 3. */
export function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
