import { join } from 'node:path';
import type { FilledDatabase } from '../fill/filled-database.ts';
import { type RequestsFile, writeRawRequests } from './write-raw-requests.ts';

/** What a gateway's plugin would ask: may this secret pass at this endpoint? */
export function verifyBody(passing: { secret: string; environment: string }): string {
  const { secret, environment } = passing;
  return JSON.stringify({ secret, environment, api: 'orders', method: 'GET', path: '/orders/4711' });
}

/** A request for each key that passes; `most`: for so many keys only, from the oldest to the newest. */
export function writeRequests(
  database: FilledDatabase,
  folder: string,
  most = database.passing.length,
): RequestsFile {
  return writeRawRequests(join(folder, `requests-${database.kind}-${database.keys}-${most}`), {
    path: '/v1/verify',
    headers: [`Authorization: Bearer ${database.managementSecret}`],
    bodies: spread(database.passing, most).map(verifyBody),
  });
}

function spread<Item>(items: readonly Item[], most: number): Item[] {
  const step = Math.max(1, items.length / most);
  return Array.from(
    { length: Math.min(most, items.length) },
    (_, index) => items[Math.floor(index * step)] as Item,
  );
}
