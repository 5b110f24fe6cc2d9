const LONGEST_QUOTE = 300;

/**
 * A piece of somebody's document, fit for a message: well-formed Unicode without controls, also of the direction of
 * text, at most 300 characters, so that a hostile document can neither forge log lines nor make an answer of megabytes.
 */
export function quoteForMessage(text: string, longest: number = LONGEST_QUOTE): string {
  const start = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
  return start.toWellFormed().replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, ' ');
}
