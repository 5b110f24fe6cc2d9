import type { CompiledTemplate } from '../lib/path-template.ts';

/** One place in the tree of all templates of an API. `values`: what ends here, by method. */
export type EndpointTrie<Value> = {
  literals: Map<string, EndpointTrie<Value>>;
  parameter: EndpointTrie<Value> | null;
  values: Map<string, Value>;
};

export function createEndpointTrie<Value>(): EndpointTrie<Value> {
  return { literals: new Map(), parameter: null, values: new Map() };
}

/** Adds a value under template and method. false: there already is one, since templates differ by more than parameter names. */
export function addToTrie<Value>(
  root: EndpointTrie<Value>,
  segments: CompiledTemplate['segments'],
  method: string,
  value: Value,
): boolean {
  let node = root;
  for (const segment of segments) node = childFor(node, segment);
  if (node.values.has(method)) return false;
  node.values.set(method, value);
  return true;
}

/**
 * The value for a normalized path under the first of `methods` that the template has, or null. Where several templates
 * match, the one wins that is literal at the leftmost segment in which they differ; a template without any of the methods does
 * not count.
 *
 * Bounded without further means: the templates form a tree, each node has one parent and one depth, so that backtracking enters
 * each node at most once. The work is at most the size of the tree, which the path cannot enlarge, and each node costs one
 * look-up of a segment. The recursion is as deep as the longest template, at most 1,000 (`path-template.ts`).
 */
export function findInTrie<Value>(
  root: EndpointTrie<Value>,
  path: readonly string[],
  methods: readonly string[],
): Value | null {
  const descend = (node: EndpointTrie<Value>, depth: number): Value | null => {
    const segment = path[depth];
    if (segment === undefined) return valueFor(node, methods);
    const literal = node.literals.get(segment);
    const found = literal === undefined ? null : descend(literal, depth + 1);
    if (found !== null || node.parameter === null || segment === '') return found;
    return descend(node.parameter, depth + 1);
  };
  return descend(root, 0);
}

function valueFor<Value>(node: EndpointTrie<Value>, methods: readonly string[]): Value | null {
  for (const method of methods) {
    const value = node.values.get(method);
    if (value !== undefined) return value;
  }
  return null;
}

function childFor<Value>(node: EndpointTrie<Value>, segment: string | null): EndpointTrie<Value> {
  if (segment === null) {
    node.parameter ??= createEndpointTrie();
    return node.parameter;
  }
  const present = node.literals.get(segment);
  if (present !== undefined) return present;
  const added = createEndpointTrie<Value>();
  node.literals.set(segment, added);
  return added;
}
