import { setImmediate as letOthersIn } from 'node:timers/promises';
import { findRepeatedMember } from './find-repeated-member.ts';

/** What text is no JSON, or has a member twice (`said` names it), or has more in it than anybody needs (`said` says what). */
export class UnfitJsonError extends Error {
  readonly kind: 'malformed' | 'ambiguous' | 'too much';

  constructor(kind: UnfitJsonError['kind'], said = '') {
    super(said);
    this.kind = kind;
  }
}

/** Characters that are parsed at once, but for the last value among them. `values` and `members` bound memory and time. */
export const standardBounds = { piece: 65_536, values: 2_500_000, members: 50_000 };

/** A list or an object that has begun. `target`: what was parsed of it, once it is too long to be parsed at once. */
type Open = {
  isList: boolean;
  start: number;
  /** Where its text begins that was not parsed yet. */
  from: number;
  /** Where its present item begins: behind the last comma. */
  item: number;
  target: List | Members | undefined;
  /** The item that ended last is in `target` already. */
  attached: boolean;
};
type List = { list: unknown[] };
type Members = { object: Record<string, unknown>; count: number };

/** Deeper ones are parsed as a part of what they stand in. */
const deepestSplit = 64;
const BLANK = /^[ \t\n\r]*$/;
const [QUOTE, COMMA, BACKSLASH] = [0x22, 0x2c, 0x5c];
const [LIST, LIST_END, OBJECT, OBJECT_END] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * What JSON.parse makes of the text, piece by piece, with everybody else in between: parsing a body of 16 MB at once would
 * hold up every other request. A member given twice is refused (RFC 8259, section 4).
 * @throws UnfitJsonError
 */
export async function parseJsonInTurns(text: string, bounds = standardBounds): Promise<unknown> {
  const open: Open[] = [];
  let depth = 0;
  let values = 1;
  let turnedAt = 0;
  let root: { value: unknown; end: number } | undefined;

  const parse = (piece: string): unknown => {
    let value: unknown;
    try {
      value = JSON.parse(piece);
    } catch {
      throw new UnfitJsonError('malformed');
    }
    const repeated = findRepeatedMember(piece, value);
    if (repeated !== undefined) throw new UnfitJsonError('ambiguous', repeated.replace(/^Line .*?: t/, 'T'));
    return value;
  };
  const put = (at: Open, name: string, value: unknown): void => {
    const target = at.target as Members;
    if (Object.hasOwn(target.object, name)) {
      throw new UnfitJsonError('ambiguous', 'A key is given twice in one object.');
    }
    target.count += 1;
    if (target.count > bounds.members) {
      throw new UnfitJsonError('too much', `an object with more than ${bounds.members} members`);
    }
    // Assigned, `__proto__` would be no member.
    if (name !== '__proto__') target.object[name] = value;
    else
      Object.defineProperty(target.object, name, {
        value,
        enumerable: true,
        writable: true,
        configurable: true,
      });
  };
  /** Parses the items of `at` that end before `end`. There is at least one, unless it was attached already. */
  const take = (at: Open, end: number): void => {
    const piece = text.slice(at.from, end);
    const { attached } = at;
    at.attached = false;
    if (attached) {
      if (!BLANK.test(piece)) throw new UnfitJsonError('malformed');
      return;
    }
    if (BLANK.test(piece)) throw new UnfitJsonError('malformed');
    const parsed = parse(at.isList ? `[${piece}]` : `{${piece}}`);
    if (at.isList) for (const value of parsed as unknown[]) (at.target as List).list.push(value);
    else for (const [name, value] of Object.entries(parsed as object)) put(at, name, value);
  };
  /** Makes what is open targets, from the outermost on; what stands before the item that goes on is parsed. */
  const split = (): void => {
    for (const [index, at] of open.entries()) {
      at.target ??= at.isList ? { list: [] } : { object: {}, count: 0 };
      const inner = open[index + 1];
      if (inner !== undefined && inner.target === undefined && at.item > at.from) {
        take(at, at.item - 1);
        at.from = at.item;
      }
    }
  };
  const attach = (at: Open | undefined, child: Open, end: number): void => {
    const value = child.isList ? (child.target as List).list : (child.target as Members).object;
    const before = text.slice(at?.item ?? 0, child.start);
    if (at === undefined) {
      if (!BLANK.test(before)) throw new UnfitJsonError('malformed');
      root = { value, end };
      return;
    }
    if (!at.isList) {
      // With `null` behind it this is JSON only if it is a name and a colon; with a digit `"a":1` would be, too.
      const [[name] = []] = Object.entries(parse(`{${before}null}`) as object);
      if (name === undefined) throw new UnfitJsonError('malformed');
      put(at, name, value);
    } else if (BLANK.test(before)) (at.target as List).list.push(value);
    else throw new UnfitJsonError('malformed');
    at.from = end;
    at.attached = true;
  };

  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      for (at += 1; at < text.length && text.charCodeAt(at) !== QUOTE; at += 1) {
        if (text.charCodeAt(at) === BACKSLASH) at += 1;
      }
    } else if (code === LIST || code === OBJECT) {
      depth += 1;
      if (depth <= deepestSplit) {
        const isList = code === LIST;
        open.push({ isList, start: at, from: at + 1, item: at + 1, target: undefined, attached: false });
      }
      values += 1;
    } else if (code === LIST_END || code === OBJECT_END) {
      depth -= 1;
      if (depth < deepestSplit) {
        const ended = open.pop();
        if (ended === undefined || ended.isList !== (code === LIST_END))
          throw new UnfitJsonError('malformed');
        if (ended.target !== undefined) {
          take(ended, at);
          attach(open.at(-1), ended, at + 1);
        }
      }
    } else if (code === COMMA) {
      values += 1;
      const innermost = depth <= deepestSplit ? open.at(-1) : undefined;
      if (innermost !== undefined) {
        if (innermost.attached || at - innermost.from > bounds.piece) {
          split();
          take(innermost, at);
          innermost.from = at + 1;
        }
        innermost.item = at + 1;
      }
    }
    if (values > bounds.values) throw new UnfitJsonError('too much', `more than ${bounds.values} values`);
    if (at - turnedAt > bounds.piece) {
      turnedAt = at;
      await letOthersIn();
    }
  }
  if (open.length > 0) throw new UnfitJsonError('malformed');
  if (root === undefined) return parse(text);
  if (!BLANK.test(text.slice(root.end))) throw new UnfitJsonError('malformed');
  return root.value;
}
