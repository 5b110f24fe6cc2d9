import { DocumentError } from '../domain/apis/openapi/document-error.ts';
import { scanJson } from '../domain/apis/openapi/scan-json.ts';
import { AppError } from '../domain/errors.ts';
import { findInexactNumber } from '../lib/find-inexact-number.ts';

/** The JSON of `--metadata`, held to what the API holds it to. @throws AppError `invalid_request`. */
export function parseMetadata(text: string): unknown {
  try {
    scanJson(text, { depth: 1_000, values: 100_000 });
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    throw refuse(`is not JSON such as '{"plan":"gold"}'. ${error.message}`);
  }
  const number = findInexactNumber(text);
  if (number !== undefined)
    throw refuse(`has the number ${number}, which would lose digits; write it as text`);
  return JSON.parse(text);
}

function refuse(message: string): AppError {
  return new AppError('invalid_request', 'This cannot be done as asked:', {
    fields: [{ pointer: '/metadata', message }],
  });
}
