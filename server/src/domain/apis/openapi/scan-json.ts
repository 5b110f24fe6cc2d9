import { DocumentError } from './document-error.ts';
import { lineAndColumn } from './line-and-column.ts';
import { quoteForMessage } from './quote-for-message.ts';

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or end' | 'nothing';

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const LITERAL = /true|false|null/y;
const HEXADECIMAL = /[0-9A-Fa-f]{4}/y;

/**
 * Walks JSON text (RFC 8259) before `JSON.parse` does, for what that cannot tell: a syntax error's line and column
 * (V8 leaves them out of some messages), keys given twice (it keeps the last in silence), and nesting and number of
 * values before any memory is spent on them. Linear in the text, without recursion.
 *
 * @throws DocumentError at the first fault
 */
export function scanJson(text: string, limits: { depth: number; values: number }): void {
  const open: (Set<string> | null)[] = []; // the keys so far of each open object; null for an open array
  let expected = 'value' as Expected; // not narrowed by the compiler, which does not see what the closures assign
  let values = 0;
  let at = 0;

  const fault = (reason: string, offset = at): DocumentError =>
    new DocumentError(`${lineAndColumn(text, offset)}: ${reason}`, null);
  const close = (): void => {
    open.pop();
    at += 1;
    expected = open.length === 0 ? 'nothing' : 'comma or end';
  };
  const beginValue = (character: string): void => {
    values += 1;
    if (values > limits.values) throw fault(`the document has more than ${limits.values} values.`);
    if (character === '{' || character === '[') {
      if (open.length === limits.depth)
        throw fault(`the document is nested deeper than ${limits.depth} levels.`);
      open.push(character === '{' ? new Set() : null);
      at += 1;
      expected = character === '{' ? 'key or }' : 'value or ]';
      return;
    }
    if (character === '"') at = endOfString(text, at, fault);
    else at = endOfWord(text, at, fault);
    expected = open.length === 0 ? 'nothing' : 'comma or end';
  };
  const readKey = (): void => {
    const end = endOfString(text, at, fault);
    const raw = text.slice(at + 1, end - 1);
    const key = raw.includes('\\') ? String(JSON.parse(`"${raw}"`)) : raw;
    const keys = open.at(-1);
    if (keys?.has(key)) throw fault(`the key "${quoteForMessage(key, 100)}" is given twice in one object.`);
    keys?.add(key);
    at = end;
    expected = 'colon';
  };

  while (true) {
    at = skipSpace(text, at);
    if (at >= text.length) break;
    const character = text.charAt(at);
    if (expected === 'value' || (expected === 'value or ]' && character !== ']')) beginValue(character);
    else if (expected === 'value or ]') close();
    else if (expected === 'key or }' && character === '}') close();
    else if (expected === 'key' || expected === 'key or }') {
      if (character !== '"') throw fault('a key in double quotes is expected here.');
      readKey();
    } else if (expected === 'colon') {
      if (character !== ':') throw fault('a colon is expected after the key.');
      at += 1;
      expected = 'value';
    } else if (expected === 'comma or end') {
      const inObject = open.at(-1) !== null;
      if (character === (inObject ? '}' : ']')) close();
      else if (character === ',') {
        at += 1;
        expected = inObject ? 'key' : 'value';
      } else throw fault(`a comma or ${inObject ? '}' : ']'} is expected here.`);
    } else throw fault('the document has ended, but the text goes on.');
  }
  if (expected !== 'nothing') throw fault('the text ends before the document is complete.');
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break;
  }
  return at;
}

function endOfWord(text: string, from: number, fault: (reason: string) => DocumentError): number {
  for (const pattern of [NUMBER, LITERAL]) {
    pattern.lastIndex = from;
    if (pattern.test(text)) return pattern.lastIndex;
  }
  throw fault(
    'a value is expected here: an object, a list, text in double quotes, a number, true, false or null.',
  );
}

/** Offset after the closing quote. A loop, not a pattern: a pattern would need a stack as deep as the string is long. */
function endOfString(
  text: string,
  from: number,
  fault: (reason: string, offset: number) => DocumentError,
): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) throw fault('a control character inside quotes; write it as an escape such as \\n.', at);
    if (code !== 0x5c) continue;
    at += 1;
    if (text.charAt(at) === 'u') {
      HEXADECIMAL.lastIndex = at + 1;
      if (!HEXADECIMAL.test(text)) throw fault('an escape \\u needs four hexadecimal digits.', at - 1);
      at += 4;
    } else if (at < text.length && !'"\\/bfnrt'.includes(text.charAt(at))) {
      throw fault('an unknown escape inside quotes.', at - 1);
    }
  }
  throw fault('the quotes that begin here are never closed.', from);
}
