import type { OpenApiReading, ReadEndpoint } from './openapi-reading.ts';
import { quoteForMessage } from './quote-for-message.ts';
import type { EndpointsRead } from './read-endpoints.ts';

const EXAMPLES = 5;

/** What was counted apart from the endpoints themselves. */
export type Counted = {
  /** Declared by a flow, asked for by no operation, and not fit to be a scope's name: left out. */
  unfitScopes: readonly string[];
  unreadOperations: number;
  webhooks: number;
  invalidity: string | null;
};

/** Says in sentences what the import did that its author might not expect. */
export function writeNotes(
  read: EndpointsRead,
  scopesFrom: OpenApiReading['scopesFrom'],
  slug: string,
  counted: Counted,
): string[] {
  const notes: string[] = [];
  const say = (sentence: string, examples: readonly string[]): void => {
    if (examples.length === 0) return;
    const shown = examples.slice(0, EXAMPLES).map((example) => quoteForMessage(example, 200));
    const more = examples.length > EXAMPLES ? `, and ${examples.length - EXAMPLES} more` : '';
    notes.push(`${sentence}: ${shown.join(', ')}${more}.`);
  };
  const open = read.endpoints.filter((endpoint) => endpoint.scopes.length === 0);
  const heads = read.endpoints.filter((endpoint) => endpoint.method === 'HEAD');

  for (const note of describeBasePaths(read)) notes.push(note);
  if (scopesFrom === 'proposal') {
    notes.push(
      `The document declares no scopes. Proposed: ${slug}:read for reading methods and ${slug}:full for all.`,
    );
  }
  if (scopesFrom === 'none') notes.push('The document declares no scopes, and none are proposed.');
  say(
    'Endpoints that ask for no scope, so that every key of a connected application may call them',
    scopesFrom === 'document' ? open.map(labelOf) : [],
  );
  say('Endpoints that accept alternative scopes in the document and ask for all of them here', read.united);
  say('Endpoints whose scopes are optional in the document and needed here', read.optional);
  say(
    'Endpoints with a parameter that is only part of a path segment; it is taken literally, so that requests are denied',
    read.partial,
  );
  say('Operations left out, since no request can have such a path', read.unmatchable);
  say('Endpoints for HEAD, which otherwise counts as GET: these decide about it instead', heads.map(labelOf));
  say(
    'Scopes left out, since no operation asks for them and their names cannot be used',
    counted.unfitScopes,
  );
  if (counted.unreadOperations > 0) {
    notes.push(
      `Operations with methods that Keywright does not know are left out: ${counted.unreadOperations}.`,
    );
  }
  if (counted.webhooks > 0) {
    notes.push(`Webhooks are left out, since the API sends them itself: ${counted.webhooks}.`);
  }
  if (counted.invalidity !== null) notes.push(counted.invalidity);
  return notes;
}

function labelOf(endpoint: ReadEndpoint): string {
  return `${endpoint.method} ${endpoint.path}`;
}

function describeBasePaths(read: EndpointsRead): string[] {
  const used = [...read.basePaths.values()];
  const notes = used
    .filter((base) => base.path !== '')
    .map((base) => `The path of the server ${quote(base.url)} stands before its endpoints: ${base.path}.`);
  for (const base of used) {
    if (base.unusable !== null) {
      notes.push(`No base path is taken from the server ${quote(base.url)}: ${base.unusable}.`);
    }
  }
  if (notes.length > EXAMPLES) {
    notes.splice(EXAMPLES, notes.length, 'More servers of single operations are treated in the same way.');
  }
  return notes;
}

function quote(url: string): string {
  return `"${quoteForMessage(url, 200)}"`;
}
