import { issueKey, makeApi, makeApplication } from '../fixtures.ts';
import type { Body } from '../harness.ts';
import { ask, must, type Prepared, plainKey, unique, type World } from './verdict-change.ts';

type Prepare = (world: World) => Promise<Prepared>;

const retitling: Prepare = async (world) => {
  const { application, secret } = await plainKey(world);
  const path = `/v1/applications/${application.id}`;
  const { title } = await must(world, { method: 'GET', path });
  return {
    change: { method: 'PATCH', path, body: { title: `${title}, renamed` } },
    question: ask(secret),
    before: `allowed ${title}`,
    after: `allowed ${title}, renamed`,
    show: (allowance: Body) => String(allowance.application.title),
  };
};

const deletingApplication: Prepare = async (world) => {
  const { application, secret } = await plainKey(world);
  const change = { method: 'DELETE', path: `/v1/applications/${application.id}` };
  return { change, question: ask(secret), before: 'allowed', after: 'revoked' };
};

type Reach = 'nothing' | 'all' | 'one endpoint' | 'another endpoint';

const reconnecting =
  (from: Reach, to: Reach, before: string, after: string): Prepare =>
  async (world) => {
    const api = await makeApi(world);
    const asked = api.endpoints.find(({ method, path }) => method === 'GET' && path === '/orders');
    const other = api.endpoints.find(({ method }) => method === 'POST');
    const connections = {
      nothing: [],
      all: [{ apiId: api.id, endpoints: 'all' }],
      'one endpoint': [{ apiId: api.id, endpoints: [asked?.id] }],
      'another endpoint': [{ apiId: api.id, endpoints: [other?.id] }],
    };
    const application = await makeApplication(world, { connectedTo: [api] });
    const { secret } = await issueKey(world, application.id, { scopes: [`${api.slug}:read`] });
    const replace = (reach: Reach) => ({
      method: 'PUT',
      path: `/v1/applications/${application.id}/connections`,
      body: { connections: connections[reach] },
    });
    if (from !== 'all') await must(world, replace(from));
    return {
      change: replace(to),
      question: ask(secret, { api: api.slug, method: 'GET', path: '/orders' }),
      before,
      after,
    };
  };

const updatingProfile =
  (to: { settings: object } | { name: string }, show: (allowance: Body) => string): Prepare =>
  async (world) => {
    const given = { name: unique('Profile'), settings: { limit: 1 } };
    const profile = await must(world, { method: 'POST', path: '/v1/profiles', body: given });
    const { secret } = await plainKey(world, { profileId: profile.id });
    const body = 'name' in to ? { name: `${given.name} ${to.name}` } : to;
    return {
      change: { method: 'PATCH', path: `/v1/profiles/${profile.id}`, body },
      question: ask(secret),
      before: `allowed ${show({ profile: given })}`,
      after: `allowed ${show({ profile: { ...given, ...body } })}`,
      show,
    };
  };

/** Whoever makes a key after it is bound by it, whichever node is asked. */
const bindingNewKeys: Prepare = async (world) => {
  const { adminKey } = await world.newOrganization(unique('Bound'));
  const application = await makeApplication({ ...world, adminKey });
  const body = { name: 'Too long', applicationId: application.id, environment: 'staging', expiresAt: null };
  return {
    change: {
      method: 'PUT',
      path: '/v1/policies/staging',
      body: { longestLifetimeSeconds: 3_600 },
      key: adminKey,
    },
    // Not before: each would make a key.
    question: () => ({ method: 'POST', path: '/v1/api-keys', body, key: adminKey }),
    before: null,
    after: '422 policy_violation',
  };
};

const managementKey = (world: World, scopes: readonly string[], key = world.adminKey): Promise<Body> =>
  must(world, { method: 'POST', path: '/v1/management-keys', body: { name: unique('Key'), scopes }, key });

const verifying = ['api_keys:verify'];

const creatingManagementKey: Prepare = async (world) => {
  const { secret } = await plainKey(world);
  return {
    change: {
      method: 'POST',
      path: '/v1/management-keys',
      body: { name: unique('Key'), scopes: verifying },
    },
    question: (answer) => ({ ...ask(secret), key: answer.secret }),
    before: null,
    after: 'allowed',
  };
};

/** `whose`: the key that verifies is revoked, or the one that made it. */
const revokingManagementKey =
  (whose: 'its own' | "its creator's"): Prepare =>
  async (world) => {
    const { secret } = await plainKey(world);
    const creator = whose === 'its own' ? undefined : await managementKey(world, ['*']);
    const verifier = await managementKey(world, verifying, creator?.secret);
    const { id } = (creator ?? verifier).managementKey;
    return {
      change: { method: 'POST', path: `/v1/management-keys/${id}/revoke` },
      question: { ...ask(secret), key: verifier.secret },
      before: 'allowed',
      after: '401 unauthenticated',
    };
  };

export const ofOtherNouns: Readonly<Record<string, Readonly<Record<string, Prepare>>>> = {
  updateApplication: { 'a title': retitling },
  deleteApplication: { 'its keys are revoked': deletingApplication },
  replaceConnections: {
    'connected to nothing': reconnecting('all', 'nothing', 'allowed', 'endpoint_not_connected'),
    'connected to all': reconnecting('nothing', 'all', 'endpoint_not_connected', 'allowed'),
    'another endpoint instead': reconnecting(
      'one endpoint',
      'another endpoint',
      'allowed',
      'endpoint_not_connected',
    ),
    'this endpoint instead': reconnecting(
      'another endpoint',
      'one endpoint',
      'endpoint_not_connected',
      'allowed',
    ),
  },
  updateProfile: {
    settings: updatingProfile({ settings: { limit: 2 } }, ({ profile }) => JSON.stringify(profile.settings)),
    'a name': updatingProfile({ name: 'renamed' }, ({ profile }) => profile.name),
  },
  updatePolicy: { 'a longest lifetime': bindingNewKeys },
  createManagementKey: { 'it may verify': creatingManagementKey },
  revokeManagementKey: {
    'it may verify no more': revokingManagementKey('its own'),
    'what it made may verify no more': revokingManagementKey("its creator's"),
  },
};
