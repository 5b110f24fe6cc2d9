import { AppError } from '../domain/errors.ts';
import { findForbiddenText } from '../domain/forbidden-text.ts';
import { findInexactNumber } from '../lib/find-inexact-number.ts';
import { findRepeatedMember } from './find-repeated-member.ts';
import type { Route } from './route.ts';

export const defaultBodyLimit = 1_000_000;

/**
 * The body of a request as JSON. A missing body is an error unless the route says it may be left out.
 * @throws AppError `unsupported_media_type`, `body_too_large`, `malformed_json`, `invalid_request`.
 */
export async function readBody(request: Request, route: Route): Promise<unknown> {
  if (!/^(identity)?$/i.test(request.headers.get('content-encoding') ?? '')) {
    throw new AppError('unsupported_media_type', 'Send the body as it is, without Content-Encoding.');
  }
  const bytes = await readBytes(request, route.bodyLimit ?? defaultBodyLimit);
  return parseBody(bytes, request.headers.get('content-type'), route);
}

/** @throws AppError `unsupported_media_type`, `malformed_json`, `invalid_request`. */
export function parseBody(bytes: Uint8Array, type: string | null, route: Route): unknown {
  if (bytes.length === 0 && route.bodyIsOptional) return {};
  if (type === null || !/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type)) {
    throw new AppError(
      'unsupported_media_type',
      'Send the body as JSON, with Content-Type: application/json.',
    );
  }
  if (bytes.length === 0) {
    throw new AppError('malformed_json', 'The body is empty. Send a JSON object.');
  }
  const { text, body } = parseJson(bytes);
  const repeated = findRepeatedMember(text, body);
  if (repeated !== undefined) throw new AppError('malformed_json', `The body is ambiguous. At ${repeated}`);
  if (route.exactNumbersIn !== undefined) refuseInexactNumber(text, route.exactNumbersIn);
  const wrong = findForbiddenText(body, {
    documents: route.documentFields ?? [],
    secrets: route.secretFields ?? [],
  });
  if (wrong.length > 0)
    throw new AppError('invalid_request', 'The request has a field that is not right.', { fields: wrong });
  return body;
}

async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new AppError('body_too_large', `The body is larger than ${limit} bytes. Send less at a time.`);
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge();
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body) {
      size += chunk.length;
      if (size > limit) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('malformed_json', 'The body ended too early. Send as many bytes as were announced.');
  }
  return Buffer.concat(chunks);
}

/** What is kept as the client gave it must not come back as another number. */
function refuseInexactNumber(text: string, field: string): void {
  const number = findInexactNumber(text);
  if (number === undefined) return;
  const shown = number.length > 40 ? `${number.slice(0, 40)}…` : number;
  throw new AppError('invalid_request', 'The request has a field that is not right.', {
    fields: [
      { pointer: `/${field}`, message: `has the number ${shown}, which would lose digits; write it as text` },
    ],
  });
}

function parseJson(bytes: Uint8Array): { text: string; body: unknown } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { text, body: JSON.parse(text) };
  } catch {
    // The parser's own message quotes the body, which may hold a secret.
    throw new AppError('malformed_json', 'The body is not JSON in UTF-8. Check quotes, commas and brackets.');
  }
}
