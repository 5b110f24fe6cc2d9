/** The present instant, in milliseconds since the Unix epoch (UTC). Passed in everywhere, so that tests control time. */
export type Clock = () => number;

/** The machine's clock. Only the wiring uses it. */
export const systemClock: Clock = () => Date.now();
