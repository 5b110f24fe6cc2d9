import { type EndpointsPlan, isEmptyPlan } from './plan-endpoints.ts';
import type { StoredScope } from './read-api-parts.ts';

export type ApiHead = { name: string; slug: string; scopes: readonly StoredScope[] };
type Side = Record<string, unknown>;

/** An audit event names this many of a kind; of the rest it says how many they are. */
const mostNamed = 20;
const longestLabel = 300;

/** What the audit says of a whole API: of one that was made, or is deleted. */
export function describeApi(head: ApiHead, endpoints: readonly EndpointLike[]): Side {
  return {
    name: head.name,
    slug: head.slug,
    scopes: someOf(head.scopes, labelOfScope),
    endpoints: someOf(endpoints, labelOfEndpoint),
  };
}

/**
 * What the audit says of a change: the fields, scopes and endpoints that came, went or changed, as they were and as they
 * are, at most 20 of each. undefined: nothing changed.
 */
export function describeApiChange(
  before: ApiHead,
  after: ApiHead,
  plan: EndpointsPlan,
): { before: Side; after: Side } | undefined {
  const old: Side = {};
  const now: Side = {};
  for (const field of ['name', 'slug'] as const) {
    if (before[field] === after[field]) continue;
    old[field] = before[field];
    now[field] = after[field];
  }
  if (scopesDiffer(before.scopes, after.scopes)) {
    old.scopes = someOf(withoutThose(before.scopes, after.scopes), labelOfScope);
    now.scopes = someOf(withoutThose(after.scopes, before.scopes), labelOfScope);
  }
  if (!isEmptyPlan(plan)) {
    old.endpoints = {
      changed: someOf(plan.change, (change) => labelOfEndpoint(change.before)),
      removed: someOf(plan.remove, labelOfEndpoint),
    };
    now.endpoints = {
      changed: someOf(plan.change, (change) => labelOfEndpoint(change.after)),
      added: someOf(plan.add, labelOfEndpoint),
    };
  }
  return Object.keys(now).length === 0 ? undefined : { before: old, after: now };
}

/** Their order counts too: it is the order in which people see them. */
export function scopesDiffer(some: readonly StoredScope[], others: readonly StoredScope[]): boolean {
  return JSON.stringify(some.map(fieldsOf)) !== JSON.stringify(others.map(fieldsOf));
}

/** The scopes that are not among the others just so; all of them where only the order differs. */
function withoutThose(some: readonly StoredScope[], others: readonly StoredScope[]): readonly StoredScope[] {
  const known = new Set(others.map((scope) => JSON.stringify(fieldsOf(scope))));
  const differing = some.filter((scope) => !known.has(JSON.stringify(fieldsOf(scope))));
  const onlyOrder = differing.length === 0 && some.length === others.length;
  return onlyOrder ? some : differing;
}

function fieldsOf({ name, description, access }: StoredScope) {
  return [name, description, access];
}

type EndpointLike = { method: string; path: string; scopes: readonly string[] };

function labelOfEndpoint({ method, path, scopes }: EndpointLike): string {
  return shorten(`${method} ${path} (${scopes.length === 0 ? 'no scope' : scopes.join(', ')})`);
}

function labelOfScope({ name, access, description }: StoredScope): string {
  return shorten(`${name} (${access})${description === '' ? '' : `: ${description}`}`);
}

function shorten(text: string): string {
  return text.length > longestLabel ? `${text.slice(0, longestLabel - 1).toWellFormed()}…` : text;
}

function someOf<Item>(items: readonly Item[], labelOf: (item: Item) => string): string[] {
  const more = items.length - mostNamed;
  const labels = items.slice(0, mostNamed).map(labelOf);
  return more > 0 ? [...labels, `and ${more} more`] : labels;
}
