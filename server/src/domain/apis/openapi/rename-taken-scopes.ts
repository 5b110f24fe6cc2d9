import { AppError } from '../../errors.ts';
import { SCOPE_NAME_PATTERN } from '../scope-name.ts';

const LAST_ATTEMPT = 99;

/**
 * New names for the scopes that another API of the organization has: the slug and a colon before them (`billing:read`), with a
 * number after the slug if that is taken too. The halves of a pair `<x>:read` and `<x>:full` are renamed together, since full
 * satisfies read only while both have one `<x>`.
 *
 * Importing again gives the same names: one that the API already has under its new name keeps it, even when the plain name
 * has become free since, because keys hold it.
 *
 * @param names the document's scopes, each once
 * @param current the API's own scopes before the import
 * @param taken the scopes of the organization's other APIs
 * @returns old name to new, only for those that change
 * @throws AppError `invalid_document` where no new name fits
 */
export function renameTakenScopes(
  names: readonly string[],
  current: ReadonlySet<string>,
  taken: ReadonlySet<string>,
  slug: string,
): Map<string, string> {
  const renamed = new Map<string, string>();
  const all = new Set(names);
  const done = new Set<string>();
  for (const name of names) {
    if (done.has(name)) continue;
    const group = groupOf(name, all, current);
    for (const member of group) done.add(member);
    const prefix = findPrefix(group, { current, taken, all }, slug);
    if (prefix === null) continue;
    for (const member of group) renamed.set(member, prefix + member);
  }
  return renamed;
}

/** The scope, and the other half of its pair if there is one, unless a half is in use already under its plain name. */
function groupOf(name: string, all: ReadonlySet<string>, current: ReadonlySet<string>): string[] {
  const pair = /^(.+):(read|full)$/.exec(name);
  const other = pair === null ? name : `${pair[1]}:${pair[2] === 'read' ? 'full' : 'read'}`;
  const isPair = other !== name && all.has(other) && !current.has(name) && !current.has(other);
  return isPair ? [name, other] : [name];
}

type NamesInUse = { current: ReadonlySet<string>; taken: ReadonlySet<string>; all: ReadonlySet<string> };

/** Null keeps the names as they are. */
function findPrefix(group: readonly string[], inUse: NamesInUse, slug: string): string | null {
  const prefixes = Array.from({ length: LAST_ATTEMPT }, (_, index) =>
    index === 0 ? `${slug}:` : `${slug}-${index + 1}:`,
  );
  const isFree = (name: string): boolean => !inUse.taken.has(name) && !inUse.all.has(name);
  const mustChange = group.some((name) => inUse.taken.has(name));
  if (!mustChange && group.some((name) => inUse.current.has(name))) return null;
  const before = prefixes.find(
    (prefix) =>
      group.every((name) => isFree(prefix + name)) && group.some((name) => inUse.current.has(prefix + name)),
  );
  if (before !== undefined) return before;
  if (!mustChange) return null;

  const fresh = prefixes.find((prefix) =>
    group.every((name) => isFree(prefix + name) && SCOPE_NAME_PATTERN.test(prefix + name)),
  );
  if (fresh !== undefined) return fresh;
  const message =
    `The scope ${group.join(', ')} belongs to another API, and with "${slug}:" before it the name is too long or taken too. ` +
    'Rename the scope in the document.';
  throw new AppError('invalid_document', message, { fields: [{ pointer: '/document', message }] });
}
