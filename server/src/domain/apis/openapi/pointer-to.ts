/** One key or index as a segment of a JSON pointer, its slash before it (RFC 6901 section 3). */
export function pointerTo(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
