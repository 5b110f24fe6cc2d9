import { DocumentError } from './document-error.ts';
import type { OpenApiLimits } from './openapi-limits.ts';
import { parseYamlText } from './parse-yaml-text.ts';
import { scanJson } from './scan-json.ts';

/**
 * Text that begins with `{` or `[` is JSON and nothing else: read as YAML as well, a slip such as a trailing comma would pass,
 * and a real error would be told in the words of another language. All other text is YAML.
 *
 * @throws DocumentError with line and column
 */
export function parseDocumentText(text: string, limits: OpenApiLimits): unknown {
  if (text.length > limits.textLength) {
    throw new DocumentError(`The document is longer than ${limits.textLength} characters.`, null);
  }
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (!/^\s*[{[]/.test(source)) return parseYamlText(source, limits);
  scanJson(source, limits);
  return JSON.parse(source);
}
