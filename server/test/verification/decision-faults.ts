import type { DenialReason, VerificationRequest } from '../../src/verification/types.ts';
import { type Case, ledger, NOW, twin } from './decision-case.ts';

export type Fault = { reason: DenialReason; name: string; commit: (subject: Case) => void };

type Row = [name: string, commit: (subject: Case) => void];

/** Everything that can be wrong with a key or a request, one row each, under the reason that it must be denied for. */
const BY_REASON: Partial<Record<DenialReason, readonly Row[]>> = {
  revoked: [
    ['the key was revoked', ({ state }) => set(state.apiKey, { revokedAt: NOW - 1 })],
    ['the key was revoked by a clock ahead', ({ state }) => set(state.apiKey, { revokedAt: NOW + 9e9 })],
    ['the key was deleted by a clock ahead', ({ state }) => set(state.apiKey, { deletedAt: NOW + 9e9 })],
    ['the key was deleted at instant 0', ({ state }) => set(state.apiKey, { deletedAt: 0 })],
    ['the application was deleted', ({ state }) => set(state.application, { deletedAt: NOW + 9e9 })],
    ['the secret was ended', ({ state }) => set(state.secret, { endedAt: NOW + 9e9 })],
    ['the secret ends now', ({ state }) => set(state.secret, { endsAt: NOW })],
    ['the secret ended long ago', ({ state }) => set(state.secret, { endsAt: 0 })],
    ['the end of the secret is no number', ({ state }) => set(state.secret, { endsAt: Number.NaN })],
  ],
  expired: [
    ['the key expires now', ({ state }) => set(state.apiKey, { expiresAt: NOW })],
    ['the key expired long ago', ({ state }) => set(state.apiKey, { expiresAt: 0 })],
    ['the expiry is no number', ({ state }) => set(state.apiKey, { expiresAt: Number.NaN })],
  ],
  inactive: [
    ['the key was disabled', ({ state }) => set(state.apiKey, { disabledAt: NOW - 1 })],
    ['the key was disabled by a clock ahead', ({ state }) => set(state.apiKey, { disabledAt: NOW + 9e9 })],
  ],
  wrong_environment: [
    ['a development key', ({ state }) => set(state.apiKey, { environment: 'development' })],
    ['a staging key', ({ state }) => set(state.apiKey, { environment: 'staging' })],
  ],
  ip_not_allowed: [
    ['an address outside', ({ request }) => set(request, { ip: '203.0.113.8' })],
    ['no address, though there is an IP list', ({ request }) => set(request, { ip: null })],
    ['an IP list that contains nothing', ({ state }) => set(state.apiKey, { ipRanges: () => false })],
  ],
  unknown_endpoint: [
    ['no API or an unknown one', (subject) => setEndpoint(subject, { api: null })],
    ['no method', (subject) => setEndpoint(subject, { method: null })],
    ['no path', (subject) => setEndpoint(subject, { path: null })],
    ['a path that is none', (subject) => setEndpoint(subject, { path: '/nowhere' })],
    ['a method that is none', (subject) => setEndpoint(subject, { method: 'POST' })],
  ],
  endpoint_not_connected: [
    ['no connection', ({ state }) => set(state.application, { connections: [] })],
    [
      'only another API',
      ({ state }) => set(state.application, { connections: [{ api: twin, endpoints: 'all' }] }),
    ],
    ['a list without this endpoint', (subject) => setList(subject, ['ledger:/open'])],
    ['an empty list', (subject) => setList(subject, [])],
  ],
  insufficient_scope: [
    ['one more is asked for', ({ request }) => set(request, { scopes: ['ledger:read', 'ledger:full'] })],
    [
      'one is asked for that no API declares any more',
      ({ request }) => set(request, { scopes: ['ledger:gone'] }),
    ],
    ['the key has none', ({ state }) => set(state.apiKey, { scopes: [] })],
  ],
};

export const FAULTS: readonly Fault[] = Object.entries(BY_REASON).flatMap(([reason, rows]) =>
  rows.map(([name, commit]) => ({ reason: reason as DenialReason, name, commit })),
);

function set<T extends object>(target: T, change: Partial<T>): void {
  Object.assign(target, change);
}

function setEndpoint({ request }: Case, change: Partial<NonNullable<VerificationRequest['endpoint']>>): void {
  request.endpoint = { api: ledger, method: 'GET', path: '/entries', ...request.endpoint, ...change };
}

function setList({ state }: Case, ids: readonly string[]): void {
  state.application.connections = [{ api: ledger, endpoints: new Set(ids) }];
}
