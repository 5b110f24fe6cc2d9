import { AppError, type FieldError } from '../domain/errors.ts';
import { type Allowed, findForbiddenText, findForbiddenTextInTurns } from '../domain/forbidden-text.ts';
import { findInexactNumber } from '../lib/find-inexact-number.ts';
import { findRepeatedMember } from './find-repeated-member.ts';
import { parseJsonInTurns, UnfitJsonError } from './parse-json-in-turns.ts';
import type { Route } from './route.ts';

export const defaultBodyLimit = 1_000_000;

/** Bytes. Above this a body is not looked at in one go. */
const largeBody = 100_000;

/**
 * The body of a request as JSON. A missing body is an error unless the route says it may be left out.
 * @throws AppError `unsupported_media_type`, `body_too_large`, `malformed_json`, `invalid_request`.
 */
export async function readBody(request: Request, route: Route): Promise<unknown> {
  if (!/^(identity)?$/i.test(request.headers.get('content-encoding') ?? '')) {
    throw new AppError('unsupported_media_type', 'Send the body as it is, without Content-Encoding.');
  }
  const bytes = await readBytes(request, route.bodyLimit ?? defaultBodyLimit);
  const type = request.headers.get('content-type');
  return bytes.length > largeBody ? parseLargeBody(bytes, type, route) : parseBody(bytes, type, route);
}

/** The same, with everybody else let in between: 16 MB at once would hold them up for seconds. */
async function parseLargeBody(bytes: Uint8Array, type: string | null, route: Route): Promise<unknown> {
  refuseOtherTypes(type);
  const text = decode(bytes);
  const body = await parseInTurns(text);
  if (route.exactNumbersIn !== undefined) refuseInexactNumber(text, route.exactNumbersIn);
  refuseForbidden(await findForbiddenTextInTurns(body, allowedIn(route)));
  return body;
}

/** @throws AppError `unsupported_media_type`, `malformed_json`, `invalid_request`. */
export function parseBody(bytes: Uint8Array, type: string | null, route: Route): unknown {
  if (bytes.length === 0 && route.bodyIsOptional) return {};
  refuseOtherTypes(type);
  if (bytes.length === 0) {
    throw new AppError('malformed_json', 'The body is empty. Send a JSON object.');
  }
  const text = decode(bytes);
  const body = parseAtOnce(text);
  const repeated = findRepeatedMember(text, body);
  if (repeated !== undefined) throw ambiguous(repeated);
  if (route.exactNumbersIn !== undefined) refuseInexactNumber(text, route.exactNumbersIn);
  refuseForbidden(findForbiddenText(body, allowedIn(route)));
  return body;
}

function refuseOtherTypes(type: string | null): void {
  if (type !== null && /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type)) return;
  throw new AppError('unsupported_media_type', 'Send the body as JSON, with Content-Type: application/json.');
}

function allowedIn(route: Route): Allowed {
  return { documents: route.documentFields ?? [], secrets: route.secretFields ?? [] };
}

function refuseForbidden(fields: readonly FieldError[]): void {
  if (fields.length === 0) return;
  throw new AppError('invalid_request', 'The request has a field that is not right.', { fields });
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

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw malformed();
  }
}

function parseAtOnce(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed();
  }
}

async function parseInTurns(text: string): Promise<unknown> {
  try {
    return await parseJsonInTurns(text);
  } catch (error) {
    if (!(error instanceof UnfitJsonError)) throw error;
    if (error.kind === 'malformed') throw malformed();
    if (error.kind === 'ambiguous') throw ambiguous(error.message);
    throw new AppError('body_too_large', `The body has ${error.message}. Send less at a time.`);
  }
}

/** The parser's own message quotes the body, which may hold a secret. */
function malformed(): AppError {
  return new AppError('malformed_json', 'The body is not JSON in UTF-8. Check quotes, commas and brackets.');
}

function ambiguous(where: string): AppError {
  return new AppError('malformed_json', `The body is ambiguous. ${where}`);
}
