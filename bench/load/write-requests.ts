import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { FilledDatabase } from '../fill/filled-database.ts';

export type RequestsFile = { requests: string; offsets: string };

/** What a gateway's plugin would ask: may this secret pass at this endpoint? */
export function verifyBody(passing: { secret: string; environment: string }): string {
  const { secret, environment } = passing;
  return JSON.stringify({ secret, environment, api: 'orders', method: 'GET', path: '/orders/4711' });
}

/**
 * A whole HTTP request for each key that passes, one after the other in one file, and in another where each begins, as
 * unsigned 32-bit numbers: so the generator has nothing to make while it measures. `most`: for so many keys only, from the oldest
 * to the newest.
 */
export function writeRequests(
  database: FilledDatabase,
  folder: string,
  most = database.passing.length,
): RequestsFile {
  const name = join(folder, `requests-${database.kind}-${database.keys}-${most}`);
  const files = { requests: name, offsets: `${name}.offsets` };
  const passing = spread(database.passing, most);
  const offsets = new Uint32Array(passing.length + 1);
  const file = openSync(files.requests, 'w', 0o600);
  let pending = '';
  let length = 0;
  for (const [index, one] of passing.entries()) {
    const body = verifyBody(one);
    const request = [
      'POST /v1/verify HTTP/1.1',
      'Host: 127.0.0.1',
      `Authorization: Bearer ${database.managementSecret}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n');
    pending += request;
    length += request.length;
    offsets[index + 1] = length;
    if (pending.length > 1 << 20) {
      writeSync(file, pending);
      pending = '';
    }
  }
  writeSync(file, pending);
  closeSync(file);
  writeFileSync(files.offsets, offsets);
  return files;
}

function spread<Item>(items: readonly Item[], most: number): Item[] {
  const step = Math.max(1, items.length / most);
  return Array.from(
    { length: Math.min(most, items.length) },
    (_, index) => items[Math.floor(index * step)] as Item,
  );
}
