import { AppError } from '../errors.ts';
import type { Head } from './chain-break.ts';

/** `12:9f86…`, as `keywright audit head` prints it. @throws AppError `invalid_request`. */
export function readKeptHead(text: string): Head {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text.trim().toLowerCase()) ?? [];
  if (seq === undefined || hash === undefined) {
    throw new AppError(
      'invalid_request',
      'A kept head is <number>:<hash of 64 hex digits>, as `keywright audit head` prints it.',
    );
  }
  return { seq: Number(seq), hash };
}

/**
 * The lines that `keywright audit head` printed, of one run or of many: `<chain> <number>:<hash>`. Empty lines and lines
 * that begin with # are passed over. @throws AppError `invalid_request` that names the line.
 */
export function readKeptHeads(text: string): Map<string, Head[]> {
  const heads = new Map<string, Head[]>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [chain, head, ...rest] = line.trim().split(/\s+/);
    if (chain === undefined || head === undefined || rest.length > 0) {
      throw new AppError(
        'invalid_request',
        `Line ${index + 1} of the kept heads is not <chain> <number>:<hash>.`,
      );
    }
    heads.set(chain, [...(heads.get(chain) ?? []), readKeptHead(head)]);
  }
  return heads;
}
