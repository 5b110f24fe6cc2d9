import { connect, type Socket } from 'node:net';

export type RawAnswer = { status: number; headers: string; body: string };

/**
 * Sends bytes as they are, and reads until the server closes, or until `until` says that enough has come. An answer that
 * is cut by the server's reset is what had come by then.
 */
export function sendRaw(
  url: string,
  parts: readonly (string | Uint8Array)[],
  options: { until?: (text: string) => boolean; keepOpen?: boolean } = {},
): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTo(url);
    let text = '';
    const done = () => {
      socket.destroy();
      resolve(text);
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (options.until?.(text)) done();
    });
    socket.on('error', done);
    socket.on('close', done);
    for (const part of parts) socket.write(part);
    if (!options.keepOpen) socket.end();
  });
}

export function connectTo(url: string): Socket {
  const { hostname, port } = new URL(url);
  return connect({ host: hostname, port: Number(port) });
}

/** Every answer in the text, by their lengths. @throws Error for what is not whole answers. */
export function parseAnswers(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = text; rest !== ''; ) {
    const end = rest.indexOf('\r\n\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(rest)?.[1] ?? Number.NaN);
    if (end < 0 || Number.isNaN(status)) throw new Error(`This is no answer: ${JSON.stringify(rest)}`);
    const headers = rest.slice(0, end).toLowerCase();
    const length = status === 100 ? 0 : Number(/\ncontent-length: (\d+)/.exec(headers)?.[1] ?? Number.NaN);
    if (Number.isNaN(length)) throw new Error(`This answer has no length: ${JSON.stringify(rest)}`);
    answers.push({ status, headers, body: rest.slice(end + 4, end + 4 + length) });
    rest = rest.slice(end + 4 + length);
  }
  return answers;
}
