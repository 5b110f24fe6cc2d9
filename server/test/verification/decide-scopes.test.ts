import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decide } from '../../src/verification/decide.ts';
import type { CompiledApi } from '../../src/verification/types.ts';
import { api, granted, ledger, NOW, passing, twin, verdict } from './decision-case.ts';

describe('scopes', () => {
  const both = api('a', ['a:read', 'a:full', 'deep:a:read', 'deep:a:full', ':read', ':full', 'a:write']);
  const readOnly = api('b', ['b:read', 'c:read', 'read', 'full']);
  const fullOnly = api('c', ['b:full', 'c:full']);
  const table: [held: string[], required: string[], connected: CompiledApi[], allowed: boolean][] = [
    [[], [], [both], true],
    [['a:read'], ['a:read'], [both], true],
    [['a:read'], ['a:full'], [both], false],
    [['a:full'], ['a:read'], [both], true],
    [['a:full'], ['a:read', 'a:full'], [both], true],
    [['a:full'], ['a:write'], [both], false],
    [['deep:a:full'], ['deep:a:read'], [both], true],
    [['deep:a:full'], ['a:read'], [both], false],
    [['a:full'], ['deep:a:read'], [both], false],
    [[':full'], [':read'], [both], false],
    [['full'], ['read'], [readOnly], false],
    [['b:full'], ['b:read'], [readOnly, fullOnly], false],
    [['a:full'], ['a:read'], [readOnly], false],
    [['a:full'], ['a:read'], [], false],
    [['a:read'], ['a:read'], [], false],
    [['a:read', 'a:write'], ['a:write', 'a:read'], [both], true],
    [['a:read', 'a:write'], ['a:write', 'a:read', 'b:read'], [both, readOnly], false],
    [['A:read'], ['a:read'], [both], false],
    [['a:read'], [''], [both], false],
    [['a:read'], ['__proto__'], [both], false],
  ];
  for (const [held, required, connected, allowed] of table) {
    const names = connected.map(({ id }) => id).join(', ');
    it(`[${held}] ${allowed ? 'satisfies' : 'does not satisfy'} [${required}] with APIs [${names}]`, () => {
      const subject = passing();
      subject.state.apiKey.scopes = granted(held, connected);
      subject.state.application.connections = connected.map((one) => ({ api: one, endpoints: 'all' }));
      subject.request.endpoint = null;
      subject.request.scopes = required;
      assert.equal(verdict(subject), allowed ? 'allowed' : 'insufficient_scope');
    });
  }

  it('of the endpoint are all required, besides those of the caller', () => {
    const strict = api('strict', ['x', 'y', 'z'], { '/': ['x', 'y'] });
    for (const [held, wanted, expected] of [
      [['x', 'y', 'z'], ['z'], 'allowed'],
      [['x', 'y'], [], 'allowed'],
      [['x', 'z'], ['z'], 'insufficient_scope'],
      [['y', 'z'], ['z'], 'insufficient_scope'],
      [['x', 'y'], ['z'], 'insufficient_scope'],
    ] as const) {
      const subject = passing();
      subject.state.apiKey.scopes = granted(held, [strict]);
      subject.state.application.connections = [{ api: strict, endpoints: 'all' }];
      subject.request.scopes = wanted;
      subject.request.endpoint = { api: strict, method: 'GET', path: '/' };
      assert.equal(verdict(subject), expected);
    }
  });

  it('that are required are named where one is missing, and nowhere else', () => {
    const subject = passing();
    subject.state.apiKey.scopes = [];
    subject.request.scopes = ['ledger:full'];
    assert.deepEqual(decide(subject.state, subject.request, NOW), {
      allowed: false,
      reason: 'insufficient_scope',
      requiredScopes: ['ledger:full', 'ledger:read'],
    });
    subject.request.ip = null;
    assert.deepEqual(decide(subject.state, subject.request, NOW), {
      allowed: false,
      reason: 'ip_not_allowed',
    });
  });

  it('of an allowance are never more than the key has, nor wider by full', () => {
    const subject = passing();
    subject.state.apiKey.scopes = granted(['ledger:full', 'ledger:gone'], [ledger]);
    assert.deepEqual(decide(subject.state, subject.request, NOW), { allowed: true, scopes: ['ledger:full'] });
  });

  it('granted for one API give nothing at another that has the same name', () => {
    const subject = passing();
    subject.state.apiKey.scopes = granted(['ledger:read'], [twin]);
    assert.equal(verdict(subject), 'insufficient_scope');
    subject.state.application.connections = [
      ...subject.state.application.connections,
      { api: twin, endpoints: 'all' },
    ];
    assert.equal(verdict(subject), 'allowed');
  });

  it('that are added to what is required never turn a denial into an allowance', () => {
    const names = fc.subarray(['a:read', 'a:full', 'a:write', 'b:read', 'b:full', 'other']);
    fc.assert(
      fc.property(names, names, names, (held, required, more) => {
        const subject = passing();
        subject.state.apiKey.scopes = granted(held, [both, readOnly, fullOnly]);
        subject.state.application.connections = [both, readOnly, fullOnly].map((one) => ({
          api: one,
          endpoints: 'all',
        }));
        subject.request.endpoint = null;
        subject.request.scopes = [...required, ...more];
        fc.pre(verdict(subject) === 'allowed');
        subject.request.scopes = required;
        assert.equal(verdict(subject), 'allowed');
      }),
    );
  });
});
