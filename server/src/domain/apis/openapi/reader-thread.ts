import { parentPort, workerData } from 'node:worker_threads';
import { DocumentError } from './document-error.ts';
import { extractReading } from './extract-reading.ts';
import type { OpenApiLimits } from './openapi-limits.ts';
import type { OpenApiReading } from './openapi-reading.ts';
import { parseDocumentText } from './parse-document-text.ts';
import { quoteForMessage } from './quote-for-message.ts';

/** What the thread is given as `workerData`, and the one message that it answers with. */
export type ReaderTask = { text: string; slug: string; proposeScopes: boolean; limits: OpenApiLimits };
export type ReaderAnswer =
  | { ok: true; reading: OpenApiReading }
  | { ok: false; message: string; pointer: string | null; unexpected: string | null };

parentPort?.postMessage(await answer(workerData));

async function answer({ text, limits, ...options }: ReaderTask): Promise<ReaderAnswer> {
  try {
    return { ok: true, reading: await extractReading(parseDocumentText(text, limits), options, limits) };
  } catch (error) {
    if (error instanceof DocumentError) {
      return { ok: false, message: error.message, pointer: error.pointer, unexpected: null };
    }
    // A library that a document can make stumble is the document's fault to the caller; the log gets the cause.
    const unexpected =
      error instanceof Error ? quoteForMessage(error.stack ?? error.message, 2_000) : 'not an Error';
    return { ok: false, message: 'The document could not be read.', pointer: null, unexpected };
  }
}
