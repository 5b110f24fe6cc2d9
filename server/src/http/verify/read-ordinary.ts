import type { IncomingMessage } from 'node:http';

/** Of an ordinary request: the headers that matter, each of which is there once. */
export type Ordinary = { authorization: string; contentType: string };

/** Bytes. Anyone may have as much of a request kept before it is known who asks; it is what Node's parser takes of headers. */
const mostKept = 16_384;

/**
 * The headers of an ordinary request: `Authorization`, `Content-Type` and a length that is known and small, each once. Undefined: what a
 * doubled header, a chunked, compressed or large body or an If-Match gets is the framework's to say. From the raw list: to
 * make an object of all headers would cost more than all that is done with these.
 */
export function readOrdinary({ rawHeaders }: IncomingMessage): Ordinary | undefined {
  let authorization: string | undefined;
  let contentType: string | undefined;
  let length: string | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    const value = rawHeaders[index + 1];
    switch (name.length) {
      case 8:
        if (is(name, 'if-match')) return undefined;
        break;
      case 12:
        if (!is(name, 'content-type')) break;
        if (contentType !== undefined) return undefined;
        contentType = value;
        break;
      case 13:
        if (!is(name, 'authorization')) break;
        if (authorization !== undefined) return undefined;
        authorization = value;
        break;
      case 14:
        if (!is(name, 'content-length')) break;
        if (length !== undefined) return undefined;
        length = value;
        break;
      case 16:
        if (is(name, 'content-encoding')) return undefined;
        break;
      case 17:
        if (is(name, 'transfer-encoding')) return undefined;
        break;
    }
  }
  if (authorization === undefined || contentType === undefined) return undefined;
  return length !== undefined && Number(length) <= mostKept ? { authorization, contentType } : undefined;
}

function is(name: string, lowerCase: string): boolean {
  return name === lowerCase || name.toLowerCase() === lowerCase;
}
