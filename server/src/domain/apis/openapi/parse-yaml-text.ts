import { parseDocument, visit } from 'yaml';
import { DocumentError } from './document-error.ts';
import { lineAndColumn } from './line-and-column.ts';
import type { OpenApiLimits } from './openapi-limits.ts';
import { quoteForMessage } from './quote-for-message.ts';

const CLEARER_REASONS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'a key is given twice in one object',
  MULTIPLE_DOCS: 'a second document begins here; import one at a time',
};

/**
 * YAML 1.2 text to plain values. The core schema whatever the text's own directive asks for, so that no dates, sets or
 * binary values come out, and no tags: `!include` and its like are refused, not passed over.
 *
 * @throws DocumentError with line and column
 */
export function parseYamlText(text: string, limits: OpenApiLimits): unknown {
  const parsed = parseDocument(text, {
    schema: 'core',
    merge: true, // `<<: *anchor` is YAML 1.1, but common in descriptions written by hand
    resolveKnownTags: false,
    uniqueKeys: true,
    prettyErrors: false,
    logLevel: 'error', // 'silent' would also swallow the error for a second document
  });
  const fault = parsed.errors[0] ?? parsed.warnings[0];
  if (fault !== undefined) {
    const reason = CLEARER_REASONS[fault.code] ?? quoteForMessage(fault.message);
    throw new DocumentError(`${lineAndColumn(text, fault.pos[0])}: ${reason}.`, null);
  }

  let aliases = 0;
  visit(parsed, {
    Alias: (_key, alias) => {
      aliases += 1;
      if (aliases <= limits.aliases) return;
      const place = lineAndColumn(text, alias.range?.[0] ?? 0);
      throw new DocumentError(`${place}: the document has more than ${limits.aliases} aliases.`, null);
    },
  });
  try {
    // The library's own count multiplies nested aliases, which is what stops the billion laughs; it counts the anchor too.
    return parsed.toJS({ maxAliasCount: limits.aliases + 1 });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const reason = error.message.startsWith('Excessive')
      ? `its aliases expand to more than ${limits.aliases}`
      : quoteForMessage(error.message);
    throw new DocumentError(`The document's YAML aliases cannot be used: ${reason}.`, null);
  }
}
