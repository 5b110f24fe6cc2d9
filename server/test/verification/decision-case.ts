import { decide } from '../../src/verification/decide.ts';
import type {
  CompiledApi,
  DenialReason,
  KeyState,
  ScopeGrant,
  VerificationRequest,
} from '../../src/verification/types.ts';

export const NOW = 1_800_000_000_000;

export function api(
  id: string,
  scopeNames: readonly string[],
  paths: Record<string, readonly string[]> = {},
): CompiledApi {
  return {
    id,
    slug: `slug-of-${id}`,
    scopeNames: new Set(scopeNames),
    parts: scopeNames.length,
    match: (method, path) => {
      const scopes = method === 'GET' ? paths[path] : undefined;
      return scopes === undefined ? null : { id: `${id}:${path}`, scopes };
    },
  };
}

export const ledger = api('ledger', ['ledger:read', 'ledger:full'], {
  '/entries': ['ledger:read'],
  '/open': [],
});
export const twin = api('twin', ['ledger:read', 'ledger:full'], { '/entries': [] });

/** Scopes as they are granted: each for the first of these APIs that has it, or for one that is gone. */
export function granted(names: readonly string[], apis: readonly CompiledApi[]): ScopeGrant[] {
  return names.map((name) => ({
    name,
    apiId: apis.find((each) => each.scopeNames.has(name))?.id ?? 'gone',
  }));
}

export type Case = { state: KeyState; request: VerificationRequest };

/** A key at its most restricted that still passes: every check is on, and met. */
export function passing(): Case {
  return {
    state: {
      application: {
        deletedAt: null,
        connections: [{ api: ledger, endpoints: new Set(['ledger:/entries']) }],
      },
      apiKey: {
        environment: 'production',
        scopes: granted(['ledger:read', 'ledger:gone'], [ledger]),
        expiresAt: NOW + 1,
        disabledAt: null,
        revokedAt: null,
        deletedAt: null,
        ipRanges: (ip) => ip === '203.0.113.7',
      },
      secret: { endsAt: NOW + 1, endedAt: null },
    },
    request: {
      environment: 'production',
      ip: '203.0.113.7',
      scopes: ['ledger:read'],
      endpoint: { api: ledger, method: 'GET', path: '/entries' },
    },
  };
}

/** The outcome of `decide` in one word. */
export function verdict({ state, request }: Case): DenialReason | 'allowed' {
  const decision = decide(state, request, NOW);
  return decision.allowed ? 'allowed' : decision.reason;
}
