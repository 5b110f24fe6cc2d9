import { issueKey, makeApi, makeApplication } from './fixtures.ts';
import type { Keywright } from './harness.ts';

/** One good request of an operation, made on objects of its own. */
export type Prepared = { path: string; body?: unknown };
export type Operation = {
  prepare: (kw: Keywright) => Promise<Prepared>;
  /** It changes something: it must leave an audit event. */
  changes: boolean;
};

const reads = (prepare: Operation['prepare']): Operation => ({ prepare, changes: false });
const changes = (prepare: Operation['prepare']): Operation => ({ prepare, changes: true });

let made = 0;
const unique = (what: string) => `${what} ${++made}`;

async function created(kw: Keywright, path: string, body: unknown) {
  const answer = await kw.call('POST', path, { body });
  if (answer.status !== 201) throw new Error(`POST ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const team = (kw: Keywright) => created(kw, '/v1/teams', { name: unique('Team') });
const profile = (kw: Keywright) => created(kw, '/v1/profiles', { name: unique('Profile'), settings: {} });
const apiKey = async (kw: Keywright) => (await issueKey(kw, (await makeApplication(kw)).id)).apiKey;
const managementKey = async (kw: Keywright) =>
  (await created(kw, '/v1/management-keys', { name: unique('Key'), scopes: ['teams:read'] })).managementKey;

const at =
  (path: string, make: (kw: Keywright) => Promise<{ id: string }>, body?: unknown, suffix = '') =>
  async (kw: Keywright): Promise<Prepared> => ({
    path: `${path}/${(await make(kw)).id}${suffix}`,
    ...(body === undefined ? {} : { body }),
  });
const plain = (path: string, body?: () => unknown) => async (): Promise<Prepared> => ({
  path,
  ...(body === undefined ? {} : { body: body() }),
});

const openApi = {
  openapi: '3.1.0',
  info: { title: 'Imported', version: '1' },
  paths: { '/things': { get: { responses: { 200: { description: 'Things' } } } } },
};

/** Every operation of the API by its operationId. A test fails while one is missing here, so none goes unwalked. */
export const operations: Readonly<Record<string, Operation>> = {
  listOrganizations: reads(plain('/v1/organizations')),
  getOrganization: reads(async (kw) => ({ path: `/v1/organizations/${kw.organizationId}` })),
  updateOrganization: changes(async (kw) => ({
    path: `/v1/organizations/${kw.organizationId}`,
    body: { name: unique('Organization') },
  })),

  listTeams: reads(plain('/v1/teams')),
  createTeam: changes(plain('/v1/teams', () => ({ name: unique('Team') }))),
  getTeam: reads(at('/v1/teams', team)),
  updateTeam: changes(at('/v1/teams', team, { mayTouchProductionKeys: true })),
  deleteTeam: changes(at('/v1/teams', team)),

  listApplications: reads(plain('/v1/applications')),
  createApplication: changes(
    plain('/v1/applications', () => ({ title: unique('Application'), description: '' })),
  ),
  getApplication: reads(at('/v1/applications', makeApplication)),
  updateApplication: changes(at('/v1/applications', makeApplication, { description: 'Changed' })),
  deleteApplication: changes(at('/v1/applications', makeApplication)),
  getConnections: reads(at('/v1/applications', makeApplication, undefined, '/connections')),
  replaceConnections: changes(async (kw) => {
    const api = await makeApi(kw);
    const application = await makeApplication(kw);
    return {
      path: `/v1/applications/${application.id}/connections`,
      body: { connections: [{ apiId: api.id, endpoints: 'all' }] },
    };
  }),

  listApis: reads(plain('/v1/apis')),
  createApi: changes(
    plain('/v1/apis', () => ({ name: unique('API'), slug: `api-${++made}`, scopes: [], endpoints: [] })),
  ),
  importApi: changes(plain('/v1/apis/import', () => ({ slug: `imported-${++made}`, document: openApi }))),
  getApi: reads(at('/v1/apis', makeApi)),
  updateApi: changes(at('/v1/apis', makeApi, { name: 'Changed' })),
  deleteApi: changes(at('/v1/apis', makeApi)),

  listProfiles: reads(plain('/v1/profiles')),
  createProfile: changes(plain('/v1/profiles', () => ({ name: unique('Profile'), settings: { a: 1 } }))),
  getProfile: reads(at('/v1/profiles', profile)),
  updateProfile: changes(at('/v1/profiles', profile, { settings: { a: 2 } })),
  deleteProfile: changes(at('/v1/profiles', profile)),

  listPolicies: reads(plain('/v1/policies')),
  getPolicy: reads(plain('/v1/policies/staging')),
  updatePolicy: changes(async () => ({
    path: '/v1/policies/staging',
    body: { rotationIntervalDays: 30 + ++made },
  })),

  listApiKeys: reads(plain('/v1/api-keys')),
  createApiKey: changes(async (kw) => ({
    path: '/v1/api-keys',
    body: { name: unique('Key'), applicationId: (await makeApplication(kw)).id, environment: 'production' },
  })),
  importApiKeys: changes(async (kw) => ({
    path: '/v1/api-keys/import',
    body: {
      keys: [
        {
          name: unique('Key'),
          applicationId: (await makeApplication(kw)).id,
          environment: 'production',
          sha256: `${++made}`.padStart(64, '0'),
        },
      ],
    },
  })),
  getApiKey: reads(at('/v1/api-keys', apiKey)),
  updateApiKey: changes(at('/v1/api-keys', apiKey, { name: 'Changed' })),
  deleteApiKey: changes(at('/v1/api-keys', apiKey)),
  disableApiKey: changes(at('/v1/api-keys', apiKey, undefined, '/disable')),
  enableApiKey: changes(async (kw) => {
    const { id } = await apiKey(kw);
    await kw.call('POST', `/v1/api-keys/${id}/disable`);
    return { path: `/v1/api-keys/${id}/enable` };
  }),
  revokeApiKey: changes(at('/v1/api-keys', apiKey, undefined, '/revoke')),

  listManagementKeys: reads(plain('/v1/management-keys')),
  createManagementKey: changes(
    plain('/v1/management-keys', () => ({ name: unique('Key'), scopes: ['teams:read'] })),
  ),
  getManagementKey: reads(at('/v1/management-keys', managementKey)),
  revokeManagementKey: changes(at('/v1/management-keys', managementKey, undefined, '/revoke')),

  listAuditEvents: reads(plain('/v1/audit-events')),
  verify: reads(plain('/v1/verify', () => ({ secret: 'nothing' }))),
};
