import { decodeReserved } from '../lib/path-segment.ts';
import { compileTemplate } from '../lib/path-template.ts';
import { normalizePath } from '../lib/raw-path.ts';
import { addToTrie, createEndpointTrie, type EndpointTrie, findInTrie } from './endpoint-trie.ts';
import type { CompiledApi, MatchedEndpoint } from './types.ts';

type ApiToCompile = {
  id: string;
  slug: string;
  scopeNames: readonly string[];
  endpoints: readonly { id: string; method: string; path: string; scopes: readonly string[] }[];
};

/** ASCII only, or `toUpperCase` would make known methods of foreign letters (`ı` becomes `I`). */
const METHOD = /^[A-Za-z0-9_-]{1,32}$/;

/**
 * Makes an API ready for matching. Throws Error for an endpoint whose path does not compile, whose method is none, or whose
 * method and template another one has: what is stored was checked when it came in, so this is a bug or a damaged database.
 */
export function compileApi(api: ApiToCompile): CompiledApi {
  const trie = createEndpointTrie<MatchedEndpoint>();
  for (const endpoint of api.endpoints) addEndpoint(trie, endpoint);
  return {
    id: api.id,
    slug: api.slug,
    scopeNames: new Set(api.scopeNames),
    parts: 1 + api.scopeNames.length + api.endpoints.length,
    match: (method, path) => matchEndpoint(trie, method, path),
  };
}

function addEndpoint(trie: EndpointTrie<MatchedEndpoint>, endpoint: ApiToCompile['endpoints'][number]): void {
  const compiled = compileTemplate(endpoint.path);
  if (!compiled.ok) throw new Error(`Endpoint ${endpoint.id} does not compile: ${compiled.message}`);
  if (!METHOD.test(endpoint.method)) throw new Error(`Endpoint ${endpoint.id} has no valid method`);
  const value = { id: endpoint.id, scopes: endpoint.scopes };
  if (!addToTrie(trie, compiled.template.segments, endpoint.method.toUpperCase(), value)) {
    throw new Error(`Endpoint ${endpoint.id} has the method and path of another endpoint`);
  }
}

/**
 * A path with `%3A` has two readings: some servers route it as `:`, some do not. It matches only where both readings lead to
 * the same endpoint; otherwise `/users/me%3Adelete` would be checked as `/users/{id}` and served as `/users/me:delete`.
 */
function matchEndpoint(
  trie: EndpointTrie<MatchedEndpoint>,
  method: string,
  path: string,
): MatchedEndpoint | null {
  if (!METHOD.test(method)) return null;
  const segments = normalizePath(path);
  if (segments === null) return null;
  const methods = methodsFor(method.toUpperCase());
  const endpoint = findInTrie(trie, segments, methods);
  if (endpoint === null || !path.includes('%')) return endpoint;
  return findInTrie(trie, segments.map(decodeReserved), methods) === endpoint ? endpoint : null;
}

/** HEAD counts as GET (RFC 9110 9.3.2), unless the API declares a HEAD of its own on the same template. */
function methodsFor(method: string): readonly string[] {
  return method === 'HEAD' ? ['HEAD', 'GET'] : [method];
}
