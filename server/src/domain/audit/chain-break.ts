/**
 * What was found wrong with a chain, and where. `changed`: an event does not fit its hash. `removed`: numbers are
 * missing. `inserted`: an event that never belonged there. `reordered`: an event stands at another's place.
 * `head_disagrees`: the head row names another end than the events have, or is missing. `cut_tail` and
 * `kept_head_disagrees`: the chain ends before, or says something else at, the number of a head that was kept elsewhere.
 */
export type ChainBreak = {
  kind:
    | 'changed'
    | 'removed'
    | 'inserted'
    | 'reordered'
    | 'head_disagrees'
    | 'cut_tail'
    | 'kept_head_disagrees';
  /** The number of the first event concerned. */
  seq: number;
  /** The place in words. */
  message: string;
};

/** A head: the number of the last event of a chain and its hash. */
export type Head = { seq: number; hash: string };
