import { setTimeout as pause } from 'node:timers/promises';
import { issueKey, makeApi, makeApplication } from '../fixtures.ts';
import type { Body } from '../harness.ts';
import { ask, foreignSecret, must, type Prepared, plainKey, unique, type World } from './verdict-change.ts';

type Prepare = (world: World) => Promise<Prepared>;

const onKey =
  (method: string, suffix: string, after: string): Prepare =>
  async (world) => {
    const { id, secret } = await plainKey(world);
    const change = { method, path: `/v1/api-keys/${id}${suffix}` };
    return { change, question: ask(secret), before: 'allowed', after };
  };

/** Changes the fields of a key that was issued with `fields`. */
const updating =
  (given: {
    fields?: Record<string, unknown>;
    to: Record<string, unknown>;
    asking?: Record<string, unknown>;
    before: string;
    after: string;
    show?: (allowance: Body) => string;
  }): Prepare =>
  async (world) => {
    const { id, secret } = await plainKey(world, given.fields);
    return {
      change: { method: 'PATCH', path: `/v1/api-keys/${id}`, body: given.to },
      question: ask(secret, given.asking),
      before: given.before,
      after: given.after,
      ...(given.show === undefined ? {} : { show: given.show }),
    };
  };

/** Of a key whose application is connected to an API with `<slug>:read` and `<slug>:full`. */
const rescoping =
  (from: readonly string[], to: readonly string[], before: string, after: string): Prepare =>
  async (world) => {
    const api = await makeApi(world);
    const application = await makeApplication(world, { connectedTo: [api] });
    const named = (scopes: readonly string[]) => scopes.map((scope) => `${api.slug}:${scope}`);
    const { apiKey, secret } = await issueKey(world, application.id, { scopes: named(from) });
    return {
      change: { method: 'PATCH', path: `/v1/api-keys/${apiKey.id}`, body: { scopes: named(to) } },
      question: ask(secret, { api: api.slug, method: 'POST', path: '/orders' }),
      before,
      after,
    };
  };

const profileOf = (allowance: Body) => JSON.stringify(allowance.profile?.settings ?? null);

const withProfile =
  (from: object | null, to: object | null): Prepare =>
  async (world) => {
    const make = async (settings: object | null) =>
      settings === null
        ? null
        : String(
            (
              await must(world, {
                method: 'POST',
                path: '/v1/profiles',
                body: { name: unique('Profile'), settings },
              })
            ).id,
          );
    const [before, after] = [await make(from), await make(to)];
    const { id, secret } = await plainKey(world, { profileId: before });
    return {
      change: { method: 'PATCH', path: `/v1/api-keys/${id}`, body: { profileId: after } },
      question: ask(secret),
      before: `allowed ${JSON.stringify(from)}`,
      after: `allowed ${JSON.stringify(to)}`,
      show: profileOf,
    };
  };

const enabling: Prepare = async (world) => {
  const { id, secret } = await plainKey(world);
  await must(world, { method: 'POST', path: `/v1/api-keys/${id}/disable` });
  const change = { method: 'POST', path: `/v1/api-keys/${id}/enable` };
  return { change, question: ask(secret), before: 'inactive', after: 'allowed' };
};

const creating: Prepare = async (world) => {
  const application = await makeApplication(world);
  const body = { name: unique('Key'), applicationId: application.id, environment: 'production', scopes: [] };
  return {
    change: { method: 'POST', path: '/v1/api-keys', body },
    question: ({ secret }) => ask(secret),
    before: null,
    after: 'allowed',
  };
};

const importing =
  (organization: 'with imports' | 'without'): Prepare =>
  async (world) => {
    const own =
      organization === 'without' ? (await world.newOrganization(unique('Importer'))).adminKey : undefined;
    const importer = { ...world, adminKey: own ?? world.adminKey };
    const application = await makeApplication(importer);
    const row = (secret: string) => ({
      keys: [{ name: unique('Key'), applicationId: application.id, environment: 'production', secret }],
    });
    const path = '/v1/api-keys/import';
    if (own === undefined) await must(world, { method: 'POST', path, body: row(foreignSecret()) });
    const secret = foreignSecret();
    const key = importer.adminKey;
    return {
      change: { method: 'POST', path, body: row(secret), key },
      question: { ...ask(secret), key },
      // Where nothing was ever imported, what has not our shape is not looked for.
      before: own === undefined ? 'unknown_key' : 'malformed',
      after: 'allowed',
    };
  };

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const expiryOf = (allowance: Body) => String(allowance.apiKey.expiresAt);

const expiring =
  (from: () => string | null, to: () => string | null): Prepare =>
  async (world) => {
    const [before, after] = [from(), to()];
    return updating({
      fields: { expiresAt: before },
      to: { expiresAt: after },
      before: `allowed ${before}`,
      after: `allowed ${after}`,
      show: expiryOf,
    })(world);
  };

/** An expired key gets another expiry, and passes again. */
const prolonging: Prepare = async (world) => {
  const { id, secret } = await plainKey(world, { expiresAt: new Date(Date.now() + 1_000).toISOString() });
  const question = ask(secret);
  for (const started = performance.now(); ; await pause(20)) {
    const { reason } = await must(world, question);
    if (reason === 'expired') break;
    if (performance.now() - started > 10_000) throw new Error(`A key that has expired is ${reason}.`);
  }
  const change = { method: 'PATCH', path: `/v1/api-keys/${id}`, body: { expiresAt: inDays(1) } };
  return { change, question, before: 'expired', after: 'allowed' };
};

const fromInside = { ip: '10.1.2.3' };
const nameOf = (allowance: Body) => String(allowance.apiKey.name);
const metadataOf = (allowance: Body) => JSON.stringify(allowance.apiKey.metadata);

export const ofApiKeys: Readonly<Record<string, Readonly<Record<string, Prepare>>>> = {
  createApiKey: { 'a new key passes everywhere': creating },
  importApiKeys: {
    'a key that was unknown passes': importing('with imports'),
    'the first import of an organization': importing('without'),
  },
  disableApiKey: { 'it is inactive': onKey('POST', '/disable', 'inactive') },
  enableApiKey: { 'it passes again': enabling },
  revokeApiKey: { 'it is revoked': onKey('POST', '/revoke', 'revoked') },
  deleteApiKey: { 'it is revoked': onKey('DELETE', '', 'revoked') },
  updateApiKey: {
    'fewer scopes': rescoping(['read', 'full'], ['read'], 'allowed', 'insufficient_scope'),
    'more scopes': rescoping(['read'], ['read', 'full'], 'insufficient_scope', 'allowed'),
    'a profile': withProfile(null, { limit: 1 }),
    'another profile': withProfile({ limit: 1 }, { limit: 2 }),
    'no profile': withProfile({ limit: 1 }, null),
    'an IP list': updating({
      to: { ipAllowlist: ['192.0.2.0/24'] },
      asking: fromInside,
      before: 'allowed',
      after: 'ip_not_allowed',
    }),
    'another IP list': updating({
      fields: { ipAllowlist: ['192.0.2.0/24'] },
      to: { ipAllowlist: ['10.0.0.0/8'] },
      asking: fromInside,
      before: 'ip_not_allowed',
      after: 'allowed',
    }),
    'an earlier expiry': expiring(
      () => null,
      () => inDays(2),
    ),
    'a later expiry': expiring(
      () => inDays(1),
      () => inDays(9),
    ),
    'an expiry after it expired': prolonging,
    'a name': updating({
      fields: { name: 'Before' },
      to: { name: 'After' },
      before: 'allowed Before',
      after: 'allowed After',
      show: nameOf,
    }),
    metadata: updating({
      fields: { metadata: { plan: 'old' } },
      to: { metadata: { plan: 'new' } },
      before: 'allowed {"plan":"old"}',
      after: 'allowed {"plan":"new"}',
      show: metadataOf,
    }),
  },
};
