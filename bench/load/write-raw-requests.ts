import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';

export type RequestsFile = { requests: string; offsets: string };

/**
 * A whole HTTP request for each body (ASCII), one after the other in one file, and in another where each begins, as unsigned
 * 32-bit numbers: so the generator has nothing to make while it measures. `headers`: what each has besides those of its body.
 */
export function writeRawRequests(
  name: string,
  given: { path: string; headers: readonly string[]; bodies: Iterable<string> },
): RequestsFile {
  const files = { requests: name, offsets: `${name}.offsets` };
  const offsets = [0];
  const file = openSync(files.requests, 'w', 0o600);
  let pending = '';
  let length = 0;
  for (const body of given.bodies) {
    const request = [
      `POST ${given.path} HTTP/1.1`,
      'Host: 127.0.0.1',
      ...given.headers,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n');
    pending += request;
    length += request.length;
    offsets.push(length);
    if (pending.length > 1 << 20) {
      writeSync(file, pending);
      pending = '';
    }
  }
  writeSync(file, pending);
  closeSync(file);
  writeFileSync(files.offsets, Uint32Array.from(offsets));
  return files;
}
