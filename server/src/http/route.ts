import type { z } from 'zod';
import type { Action } from '../domain/access/actions.ts';
import type { Committed } from '../domain/audit/transact.ts';
import type { Ctx } from '../domain/context.ts';
import type { Versioned } from '../domain/versioned.ts';
import type { HttpDeps } from './http-deps.ts';

/** What a handler gives back: the body, and for what can be changed with If-Match its revision. */
export type Answer = {
  body: object;
  revision?: number;
  headers?: Record<string, string>;
  /** Where it is not the route's. */
  status?: 200 | 201;
};

/** What a request was found to say, after its route's schemas. */
export type RouteInput<Params, Query, Body> = {
  params: Params;
  query: Query;
  body: Body;
  /** The revision that If-Match names, if it was sent. */
  expectedRevision: number | undefined;
};

/** One operation of the API. The tables that tests walk (roles, organizations, mutations) are made of these. */
export type Route = {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As OpenAPI writes it: /v1/teams/{id}. */
  path: string;
  /** The verb's own name: createTeam. */
  operationId: string;
  tag: string;
  summary: string;
  description?: string;
  /** The action that the caller needs; verbs check it, with its target, themselves. */
  action: Action;
  /** Either this or `action` is enough to try: an import makes or updates. */
  orAction?: Action;
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  /** The body may be left out: then it is an empty object. Otherwise a missing body is an error. */
  bodyIsOptional?: boolean;
  /** Fields whose text may hold line breaks and the like, because it is a document. */
  documentFields?: readonly string[];
  /** A field whose JSON is kept as given: a number there that JavaScript cannot hold exactly is refused. */
  exactNumbersIn?: string;
  /** Fields where a secret belongs; in any other text one is refused, so that it is never stored or shown. */
  secretFields?: readonly string[] | 'all';
  /** Bytes; 1 MB unless said. */
  bodyLimit?: number;
  status: 200 | 201;
  /** The status where an object that was there is changed, for a route that makes or changes one. */
  statusOfUpdate?: 200;
  response: z.ZodType;
  /** A POST that creates takes Idempotency-Key. */
  creates?: boolean;
  handle: (ctx: Ctx, input: RouteInput<unknown, unknown, unknown>, deps: HttpDeps) => Promise<Answer>;
};

type Typed<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> = Omit<
  Route,
  'params' | 'query' | 'body' | 'handle'
> & {
  params?: P;
  query?: Q;
  body?: B;
  handle: (
    ctx: Ctx,
    input: RouteInput<z.infer<P>, z.infer<Q>, z.infer<B>>,
    deps: HttpDeps,
  ) => Promise<Answer>;
};

/** Ties a handler's types to its schemas. */
export function route<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  definition: Typed<P, Q, B>,
): Route {
  return definition as unknown as Route;
}

/** The object as it is, with its ETag. */
export function found(object: Versioned<object>): Answer {
  return { body: object.value, revision: object.revision };
}

/** The object as it was changed, and how far the change has reached. */
export function committed(change: Committed<Versioned<object>>): Answer {
  return { ...done({ ...change, result: change.result.value }), revision: change.result.revision };
}

/** What was done, where there is no object with a revision to show. */
export function done(change: Committed<object>): Answer {
  const replayed = change.replayed ? { replayed: true } : {};
  return { body: { ...change.result, propagation: change.propagation, ...replayed } };
}
