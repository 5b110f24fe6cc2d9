import { createReadStream } from 'node:fs';
import { AppError } from '../domain/errors.ts';

/**
 * The text of a file, or of standard input for `-`.
 * @throws AppError where it cannot be read, is larger than `limit` bytes, or is not UTF-8.
 */
export async function readText(file: string, limit: number): Promise<string> {
  const name = file === '-' ? 'Standard input' : file;
  const source = file === '-' ? process.stdin : createReadStream(file);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of source) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > limit) break;
    }
  } catch (error) {
    const reason = (error as { code?: string }).code ?? 'unknown';
    throw new AppError(
      'invalid_request',
      `${name} cannot be read (${reason}). Check its name and who may read it.`,
    );
  }
  if (size > limit) throw new AppError('invalid_request', `${name} is larger than ${limit} bytes.`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new AppError('invalid_request', `${name} is not text in UTF-8. Save it as UTF-8.`);
  }
}
