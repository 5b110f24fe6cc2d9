/** C0 and C1: they break logs and terminals, and a NUL ends text in PostgreSQL. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const controls = /[\u0000-\u001f\u007f-\u009f]/;

/** Embeddings, overrides and isolates of the bidirectional algorithm (UAX 9): text is shown in another order than it has. */
const directionControls = /[\u202a-\u202e\u2066-\u2069]/;

/** Whether control characters stand in the text, or lone surrogates, which are no text. */
export function holdsControls(text: string): boolean {
  return controls.test(text) || !text.isWellFormed();
}

/** Whether the text may look like another one than it is, by characters that nobody sees. */
export function holdsDirectionControls(text: string): boolean {
  return directionControls.test(text);
}
