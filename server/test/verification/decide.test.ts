import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decide } from '../../src/verification/decide.ts';
import type { Connection, DenialReason } from '../../src/verification/types.ts';
import { ledger, NOW, passing, twin, verdict } from './decision-case.ts';
import { FAULTS } from './decision-faults.ts';

/** In the order of the contract. */
const ORDER: readonly DenialReason[] = [
  'revoked',
  'expired',
  'inactive',
  'wrong_environment',
  'ip_not_allowed',
  'unknown_endpoint',
  'endpoint_not_connected',
  'insufficient_scope',
];

describe('decide', () => {
  it('allows a key that meets every restriction, with the scopes that a connected API still declares', () => {
    const { state, request } = passing();
    assert.deepEqual(decide(state, request, NOW), { allowed: true, scopes: ['ledger:read'] });
  });

  it('has a fault in this table for every reason that it decides', () => {
    assert.deepEqual([...new Set(FAULTS.map(({ reason }) => reason))], ORDER);
  });

  for (const { reason, name, commit } of FAULTS) {
    it(`denies with ${reason}: ${name}`, () => {
      const subject = passing();
      commit(subject);
      assert.equal(verdict(subject), reason);
    });
  }

  for (const [index, first] of ORDER.entries()) {
    for (const second of ORDER.slice(index + 1)) {
      it(`says ${first} before ${second}, whatever the faults and their order`, () => {
        for (const one of FAULTS.filter(({ reason }) => reason === first)) {
          for (const other of FAULTS.filter(({ reason }) => reason === second)) {
            for (const pair of [
              [one, other],
              [other, one],
            ]) {
              const subject = passing();
              for (const { commit } of pair) commit(subject);
              assert.equal(verdict(subject), first, pair.map(({ name }) => name).join(' + '));
            }
          }
        }
      });
    }
  }

  it('says the first reason of any set of faults', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom(...FAULTS), { minLength: 1, selector: ({ reason }) => reason }),
        (faults) => {
          const subject = passing();
          for (const { commit } of faults) commit(subject);
          const first = ORDER.find((reason) => faults.some((one) => one.reason === reason));
          assert.equal(verdict(subject), first);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('instants', () => {
  it('still to come allow, at the last millisecond too', () => {
    const { state, request } = passing();
    assert.equal(decide(state, request, NOW).allowed, true);
    assert.deepEqual(decide(state, request, NOW + 1), { allowed: false, reason: 'revoked' });
    state.secret.endsAt = null;
    assert.deepEqual(decide(state, request, NOW + 1), { allowed: false, reason: 'expired' });
    state.apiKey.expiresAt = null;
    assert.equal(decide(state, request, Number.MAX_SAFE_INTEGER).allowed, true);
  });

  it('deny where the clock is no number', () => {
    const { state, request } = passing();
    assert.equal(decide(state, request, Number.NaN).allowed, false);
  });
});

describe('environments', () => {
  const all = ['development', 'staging', 'production'] as const;
  for (const ofKey of all) {
    for (const asked of all) {
      it(`a ${ofKey} key asked for ${asked} is ${ofKey === asked ? 'allowed' : 'denied'}`, () => {
        const subject = passing();
        subject.state.apiKey.environment = ofKey;
        subject.request.environment = asked;
        assert.equal(verdict(subject), ofKey === asked ? 'allowed' : 'wrong_environment');
      });
    }
  }
});

describe('restrictions that are not set', () => {
  it('ask for nothing: no IP list, no address needed', () => {
    const subject = passing();
    subject.state.apiKey.ipRanges = null;
    subject.request.ip = null;
    assert.equal(verdict(subject), 'allowed');
  });

  it('without an endpoint check, only the scopes that the caller requires count, and no connection is needed', () => {
    const subject = passing();
    subject.request.endpoint = null;
    assert.equal(verdict(subject), 'allowed');
    subject.state.application.connections = [];
    assert.equal(verdict(subject), 'insufficient_scope');
    subject.request.scopes = [];
    assert.deepEqual(decide(subject.state, subject.request, NOW), { allowed: true, scopes: [] });
  });
});

describe('connections', () => {
  const table: [name: string, connections: Connection[], allowed: boolean][] = [
    ['to all of the API', [{ api: ledger, endpoints: 'all' }], true],
    [
      'to a list with the endpoint',
      [{ api: ledger, endpoints: new Set(['ledger:/open', 'ledger:/entries']) }],
      true,
    ],
    [
      'to the API and to another',
      [
        { api: twin, endpoints: 'all' },
        { api: ledger, endpoints: 'all' },
      ],
      true,
    ],
    ['to another with the same endpoint id', [{ api: twin, endpoints: new Set(['ledger:/entries']) }], false],
    [
      'to the API with the id of the endpoint as part of another',
      [{ api: ledger, endpoints: new Set(['ledger:/entries2']) }],
      false,
    ],
  ];
  for (const [name, connections, allowed] of table) {
    it(`${name} ${allowed ? 'let the endpoint pass' : 'do not'}`, () => {
      const subject = passing();
      subject.state.application.connections = connections;
      assert.equal(verdict(subject), allowed ? 'allowed' : 'endpoint_not_connected');
    });
  }
});
