import { canonicalSegment, decodeReserved } from './path-segment.ts';

export type CompiledTemplate = {
  /** null is a parameter: any one non-empty segment. A string is a canonical segment, compared as it is. */
  segments: readonly (string | null)[];
  /** Equal for templates that differ only in the names of their parameters. A path in which each parameter is `{}`. */
  shape: string;
};

export type TemplateResult = { ok: true; template: CompiledTemplate } | { ok: false; message: string };

/**
 * Longest template and shape, in characters: what PostgreSQL can still hold in an index (2,704 bytes, and a shape is ASCII),
 * and a bound on how deep a template can go.
 */
const LONGEST_SHAPE = 2000;

/** `:` is left out of names: a framework that reads `{id:[0-9]+}` as "digits only" must not be given "anything". */
const PARAMETER = /^\{[^{}:]+\}$/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * Compiles an endpoint's path, such as `/users/{id}`. A segment that is `{name}` as a whole is a parameter; all else is
 * literal and brought into the normal form of request paths (`raw-path.ts`), so that `/café` and `/caf%C3%A9` are one.
 *
 * A segment with braces that is not exactly one parameter (`{a}...{b}`, `users({id})`, `{id}.json`, `{id:[0-9]+}`) is literal
 * too: it matches only a request that holds these very braces. Such templates occur in real OpenAPI documents, hence no error;
 * taken as a parameter they would match more than they say. They are told by a literal segment that contains `%7B`.
 *
 * A template that no request could match is an error; `message` names the remedy.
 */
export function compileTemplate(template: string): TemplateResult {
  const message = whyNoPathHasThisForm(template);
  if (message !== null) return { ok: false, message };

  const segments: (string | null)[] = [];
  for (const text of template.slice(1).split('/')) {
    if (PARAMETER.test(text)) {
      segments.push(null);
      continue;
    }
    const segment = canonicalSegment(text);
    if (segment === null) return { ok: false, message: SEGMENT_MESSAGE };
    if (decodeReserved(segment) !== segment) {
      return {
        ok: false,
        message: `path: write ${quote(decodeReserved(segment))} instead of ${quote(text)}.`,
      };
    }
    segments.push(segment);
  }
  const shape = segments.map((segment) => `/${segment ?? '{}'}`).join('');
  return shape.length > LONGEST_SHAPE
    ? { ok: false, message: LENGTH_MESSAGE }
    : { ok: true, template: { segments, shape } };
}

const LENGTH_MESSAGE = `path: use at most ${LONGEST_SHAPE} characters (others than ASCII count as up to 9 each).`;

const SEGMENT_MESSAGE =
  'path: remove encoded "/", "\\", ";", "%" and control characters, and write each "%" as "%" and two hex digits of UTF-8: no other path ever passes.';

/** The remedies for what can be seen without looking into a segment, or null. */
function whyNoPathHasThisForm(template: string): string | null {
  if (template.length > LONGEST_SHAPE) return LENGTH_MESSAGE;
  if (!template.startsWith('/')) return 'path: start with "/", as in "/users/{id}", without scheme and host.';
  if (template.includes('?')) return 'path: leave out "?" and the query; only the path is matched.';
  if (template.includes('#')) return 'path: leave out "#" and what follows it; clients never send it.';
  if (template.includes('\\')) return 'path: write "/" instead of "\\".';
  if (template.includes(';'))
    return 'path: leave out ";" and what follows it; paths with ";" are always denied.';
  if (CONTROL.test(template)) return 'path: remove the control characters (line breaks and tabs too).';
  if (!template.isWellFormed()) return 'path: remove the broken character (a lone surrogate).';
  if (template.includes('//')) return 'path: remove the empty segment ("//").';
  if (/(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i.test(template)) {
    return 'path: write the path without "." and ".." segments.';
  }
  if (template.split('/').includes('{}')) return 'path: give the parameter "{}" a name, as in "{id}".';
  return null;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
