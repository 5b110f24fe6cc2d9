/** Where a worker listens, as every worker says it: they share one port each. */
export type Addresses = { apiUrl: string; gatewayUrl: string };

/** From the main process to a worker. */
export type ToWorker<Config> =
  | { type: 'start'; number: number; count: number; config: Config }
  /** How many workers serve now. */
  | { type: 'serving'; workers: number };

/** From a worker to the main process. */
export type FromWorker =
  /** The program is loaded; it waits for `start`. */
  | { type: 'loaded' }
  | ({ type: 'ready' } & Addresses)
  /** It could not start. `unavailable`: UnavailableError's reason, where it was one. */
  | { type: 'failed'; message: string; unavailable: string | null };
