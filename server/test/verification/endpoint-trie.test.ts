import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  addToTrie,
  createEndpointTrie,
  type EndpointTrie,
  findInTrie,
} from '../../src/verification/endpoint-trie.ts';

/** All nodes below and including `root`. */
function nodesOf<Value>(root: EndpointTrie<Value>): EndpointTrie<Value>[] {
  const below = [...root.literals.values(), ...(root.parameter === null ? [] : [root.parameter])];
  return [root, ...below.flatMap(nodesOf)];
}

/** Counts, per node, how often its literals are looked up: once for each time that the walk is there and goes on. */
function countLookUps<Value>(root: EndpointTrie<Value>): Map<EndpointTrie<Value>, number> {
  const counts = new Map<EndpointTrie<Value>, number>();
  for (const node of nodesOf(root)) {
    const get = node.literals.get.bind(node.literals);
    node.literals.get = (segment) => {
      counts.set(node, (counts.get(node) ?? 0) + 1);
      return get(segment);
    };
  }
  return counts;
}

function sum(counts: Map<unknown, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

describe('the walk through the templates', () => {
  it('enters each node at most once, on the worst set of templates: every choice of literal and parameter', () => {
    const depth = 10;
    const root = createEndpointTrie<string>();
    for (let choice = 0; choice < 2 ** depth; choice++) {
      const segments = Array.from({ length: depth }, (_, at) => ((choice >> at) & 1 ? 'a' : null));
      assert.equal(addToTrie(root, [...segments, 'end'], 'GET', String(choice)), true);
    }
    const counts = countLookUps(root);
    assert.equal(findInTrie(root, [...Array(depth).fill('a'), 'other'], ['GET']), null);
    // All ways had to be tried, so that the bound is reached and not just kept: 2^0 + … + 2^10 nodes go on.
    assert.equal(sum(counts), 2 ** (depth + 1) - 1);
    for (const count of counts.values()) assert.equal(count, 1);
  });

  it('does no more work for a longer path than the depth of the templates', () => {
    const root = createEndpointTrie<string>();
    for (const segments of [
      ['a', null],
      [null, 'a'],
      ['a', 'a', 'a', null],
      [null, null, null, null],
    ]) {
      addToTrie(root, segments, 'GET', 'x');
    }
    const counts = countLookUps(root);
    const nodes = nodesOf(root).length;
    for (const length of [5, 50, 500, 4000]) {
      counts.clear();
      assert.equal(findInTrie(root, Array(length).fill('a'), ['GET']), null);
      assert.ok(sum(counts) <= nodes, `${sum(counts)} look-ups in ${nodes} nodes`);
    }
  });

  it('takes one look-up per segment where no parameter is in the way', () => {
    const root = createEndpointTrie<string>();
    addToTrie(root, Array(1000).fill('a'), 'GET', 'deep');
    const counts = countLookUps(root);
    assert.equal(findInTrie(root, Array(1000).fill('a'), ['GET']), 'deep');
    assert.equal(sum(counts), 1000);
  });

  it('keeps the first value under a template and method, and says that there is one', () => {
    const root = createEndpointTrie<string>();
    assert.equal(addToTrie(root, ['a', null], 'GET', 'first'), true);
    assert.equal(addToTrie(root, ['a', null], 'GET', 'second'), false);
    assert.equal(addToTrie(root, ['a', null], 'PUT', 'third'), true);
    assert.equal(findInTrie(root, ['a', 'x'], ['GET']), 'first');
    assert.equal(findInTrie(root, ['a', 'x'], ['POST', 'PUT']), 'third');
  });
});
