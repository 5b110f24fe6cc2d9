import type { ReadEndpoint, ReadScope } from './openapi-reading.ts';

/** An API as it is stored before the import. */
export type CurrentApi = {
  scopes: ReadScope[];
  endpoints: { id: string; method: string; path: string; scopes: string[] }[];
};

/** What the import will do. Endpoints that it does not name stay as they are, and so do the connections to all but `remove`. */
export type ImportPlan = {
  /** The whole list of the API's scopes afterwards. */
  scopes: ReadScope[];
  add: ReadEndpoint[];
  change: { id: string; method: string; path: string; scopes: string[] }[];
  remove: { id: string; method: string; path: string }[];
  /** How many endpoints stay exactly as they are. */
  keep: number;
  report: {
    added: { method: string; path: string }[];
    changed: { method: string; path: string; what: string }[];
    removed: { method: string; path: string }[];
    renamedScopes: { from: string; to: string }[];
    notes: string[];
  };
};
