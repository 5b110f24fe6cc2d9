/** "Line 3, column 7" of an offset, both counted from 1, columns in UTF-16 units. */
export function lineAndColumn(text: string, offset: number): string {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1;
    lineStart = at + 1;
  }
  return `Line ${line}, column ${offset - lineStart + 1}`;
}
