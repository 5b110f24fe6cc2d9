import type { Services } from '../domain/context.ts';
import type { Authenticate } from '../domain/management-keys/authenticate-management-key.ts';
import type { Uses } from '../verification/uses.ts';
import type { Verifier } from '../verification/verifier.ts';
import type { ReadClientAddress } from './client-address.ts';
import type { RequestTimes } from './metrics/request-times.ts';
import type { Readiness } from './read-readiness.ts';

export type LogFields = Record<string, string | number | boolean | null | undefined>;

export type Log = {
  info: (fields: LogFields, message: string) => void;
  warn: (fields: LogFields, message: string) => void;
  error: (fields: LogFields, error: unknown, message: string) => void;
};

/** What the HTTP layer is given by the wiring. */
export type HttpDeps = {
  services: Services;
  authenticate: Authenticate;
  verifier: Pick<Verifier, 'verify'>;
  uses: Uses;
  readClientAddress: ReadClientAddress;
  log: Log;
  readReadiness: () => Promise<Readiness>;
  requestTimes: RequestTimes;
  /** What `/metrics` answers, in Prometheus's text format: this process and its fellow workers together. */
  readMetrics: () => Promise<string>;
};
