import type { IncomingMessage } from 'node:http';
import { compileIpRanges } from '../../lib/ip-range.ts';
import { metricsContentType } from '../../lib/metrics/join-snapshots.ts';

export type MetricsAnswer = { status: number; headers: Record<string, string>; body: string };

/**
 * Makes the answer to `/metrics`: undefined for whoever may not ask, to whom there is nothing. The peer's own address
 * counts, and no header: a proxy in between would speak for everybody behind it.
 */
export function createMetricsAnswer(
  readMetrics: () => Promise<string>,
  metricsFrom: readonly string[],
  warn: (error: unknown) => void,
): (request: Pick<IncomingMessage, 'method' | 'socket'>) => Promise<MetricsAnswer> | undefined {
  const mayAsk = compileIpRanges(metricsFrom);
  let underWay: Promise<string> | undefined;

  /** Whoever asks while it is being gathered gets the same. */
  function readOnce(): Promise<string> {
    underWay ??= readMetrics().finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  async function answer(): Promise<MetricsAnswer> {
    try {
      const body = await readOnce();
      return {
        status: 200,
        headers: { 'Content-Type': metricsContentType, 'Cache-Control': 'no-store' },
        body,
      };
    } catch (error) {
      warn(error);
      return { status: 503, headers: { 'Cache-Control': 'no-store' }, body: '' };
    }
  }

  return ({ method, socket }) => {
    if (method !== 'GET' || !mayAsk(socket.remoteAddress ?? '')) return undefined;
    return answer();
  };
}
