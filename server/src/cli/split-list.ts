/** What an option that may be repeated was given, where several may also stand in one, with commas or blanks between them. */
export function splitList(given: readonly string[]): string[] {
  return given.flatMap((text) => text.split(/[\s,]+/)).filter(Boolean);
}
