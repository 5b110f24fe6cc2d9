import { extractReading } from '../../../src/domain/apis/openapi/extract-reading.ts';
import { OPENAPI_LIMITS, type OpenApiLimits } from '../../../src/domain/apis/openapi/openapi-limits.ts';
import type { OpenApiReading } from '../../../src/domain/apis/openapi/openapi-reading.ts';
import { parseDocumentText } from '../../../src/domain/apis/openapi/parse-document-text.ts';

/** What the reader's thread does, without the thread; `document` is text, or an object that is written as JSON. */
export async function readText(
  document: unknown,
  options: { slug?: string; proposeScopes?: boolean } = {},
  limits: Partial<OpenApiLimits> = {},
): Promise<OpenApiReading> {
  const bounds = { ...OPENAPI_LIMITS, ...limits };
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  const parsed = parseDocumentText(text, bounds);
  return extractReading(parsed, { slug: 'shop', proposeScopes: false, ...options }, bounds);
}
