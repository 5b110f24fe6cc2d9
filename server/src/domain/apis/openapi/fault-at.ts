import { DocumentError } from './document-error.ts';
import { quoteForMessage } from './quote-for-message.ts';

/** A fault at a place given as a JSON pointer (RFC 6901); the empty pointer is the whole document. */
export function faultAt(pointer: string, reason: string): DocumentError {
  const place = pointer === '' ? 'the top of the document' : quoteForMessage(pointer);
  return new DocumentError(`At ${place}: ${reason}`, pointer);
}
