import { canonicalSegment } from './path-segment.ts';

/** Longest path that is looked at, in UTF-16 code units and without the query: what common servers take as a request line. */
const LONGEST_PATH = 8192;

/**
 * The segments of a raw request target, each in canonical form (`path-segment.ts`), or null, which means: deny.
 *
 * `raw` is the target as the client sent it, in origin form: `/path?query`. The query is cut at the first `?` and not looked
 * at. The absolute form (`http://…`) and `*` are denied: which host they mean is not decided here. A trailing slash gives a
 * last segment `''`, and so is another path; an empty segment elsewhere (`//`) denies. Nothing is ever resolved or repaired,
 * since a gateway or an API might repair it otherwise. Linear in the path.
 *
 * Node hands out header values and request targets byte by byte as Latin-1. A caller that took `raw` from there must turn it
 * back into bytes and read these as UTF-8 first, or `é` would be taken for `Ã©`.
 */
export function normalizePath(raw: string): readonly string[] | null {
  const queryStart = raw.indexOf('?');
  const path = queryStart === -1 ? raw : raw.slice(0, queryStart);
  if (path.length > LONGEST_PATH || !path.startsWith('/')) return null;

  const rawSegments = path.slice(1).split('/');
  const last = rawSegments.length - 1;
  const segments: string[] = [];
  for (const [index, rawSegment] of rawSegments.entries()) {
    if (rawSegment === '' && index !== last) return null;
    const segment = canonicalSegment(rawSegment);
    if (segment === null) return null;
    segments.push(segment);
  }
  return segments;
}
