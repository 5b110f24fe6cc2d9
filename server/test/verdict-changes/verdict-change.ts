import { type Caller, issueKey, makeApplication } from '../fixtures.ts';
import type { Answer, Body, Keywright } from '../harness.ts';

/** `key`: the management key that the call is made with, where it is not the administrator's. */
export type Call = { method: string; path: string; body?: unknown; key?: string };

/** Where changes are prepared and made: one Keywright, or many nodes of one. */
export type World = Caller & Pick<Keywright, 'newOrganization'>;

/** A change that is ready to be made, and a question whose answer it changes. Each is on objects of its own. */
export type Prepared = {
  change: Call;
  /** A change whose first answer was lost is made again; what it may then be answered with, beside success. */
  again?: readonly number[];
  /** Of what the change makes, a function: it can be asked for only afterwards. */
  question: Call | ((answer: Body) => Call);
  before: string | null;
  after: string;
  /** What of an allowance the change is about; otherwise only that it is one. */
  show?: (allowance: Body) => string;
};

export type VerdictChange = { what: string; prepare: (world: World) => Promise<Prepared> };

/** The answer to a question in one word or so; undefined where nothing was decided. */
export function readVerdict(answer: Answer, show: Prepared['show']): string | undefined {
  const { status, body } = answer;
  if (status >= 500) return undefined;
  if (status !== 200) return `${status} ${body.code}`;
  if (body.allowed !== true) return String(body.reason);
  return show === undefined ? 'allowed' : `allowed ${show(body)}`;
}

export const isAllowed = (verdict: string) => verdict.startsWith('allowed');

/** @throws Error where the call is not answered as it should be: nothing can be said of what was to be built on it. */
export async function must(
  caller: Caller,
  { method, path, body, key = caller.adminKey }: Call,
): Promise<Body> {
  const answer = await caller.call(method, path, { key, ...(body === undefined ? {} : { body }) });
  if (answer.status === 200 || answer.status === 201) return answer.body;
  throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
}

export function ask(secret: string, more: Record<string, unknown> = {}): Call {
  return { method: 'POST', path: '/v1/verify', body: { secret, ...more } };
}

/** A key of an application of its own, connected to nothing. */
export async function plainKey(world: World, fields: Record<string, unknown> = {}) {
  const application = await makeApplication(world);
  const { apiKey, secret } = await issueKey(world, application.id, fields);
  return { application, id: String(apiKey.id), secret };
}

/** 256 bits as text that no other run of the tests makes, in a shape that is not ours. */
export function foreignSecret(): string {
  return `foreign-${crypto.randomUUID()}-${crypto.randomUUID()}`;
}

/** A name for an object, and unlike any other in a database that many runs share. */
export function unique(what: string): string {
  return `${what}-${crypto.randomUUID().slice(0, 18)}`;
}
