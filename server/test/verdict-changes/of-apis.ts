import { type Api, issueKey, makeApi, makeApplication } from '../fixtures.ts';
import type { Body } from '../harness.ts';
import { ask, must, type Prepared, plainKey, unique, type World } from './verdict-change.ts';

type Prepare = (world: World) => Promise<Prepared>;
type Reached = { api: Api; secret: string; asking: (more: Record<string, unknown>) => Prepared['question'] };

/** An API of its own, and a key with `<slug>:read` that may call all of it. */
async function reached(world: World): Promise<Reached> {
  const api = await makeApi(world);
  const application = await makeApplication(world, { connectedTo: [api] });
  const { secret } = await issueKey(world, application.id, { scopes: [`${api.slug}:read`] });
  return {
    api,
    secret,
    asking: (more) => ask(secret, { api: api.id, method: 'GET', path: '/orders', ...more }),
  };
}

const updating =
  (
    given: (reached: Reached) => {
      to: Record<string, unknown>;
      asking?: Record<string, unknown>;
      before: string;
      after: string;
    },
  ): Prepare =>
  async (world) => {
    const whole = await reached(world);
    const { to, asking, before, after } = given(whole);
    const change = { method: 'PATCH', path: `/v1/apis/${whole.api.id}`, body: to };
    return { change, question: whole.asking(asking ?? {}), before, after };
  };

const endpoint = (method: string, path: string, scopes: readonly string[]) => ({ method, path, scopes });

const creating: Prepare = async (world) => {
  const { secret } = await plainKey(world);
  const slug = unique('api');
  const body = { name: slug, slug, scopes: [], endpoints: [endpoint('GET', '/orders', [])] };
  return {
    change: { method: 'POST', path: '/v1/apis', body },
    again: [409],
    question: ask(secret, { api: slug, method: 'GET', path: '/orders' }),
    before: 'unknown_endpoint',
    after: 'endpoint_not_connected',
  };
};

function documentWith(...paths: string[]) {
  const get = { responses: { 200: { description: 'Done' } } };
  return {
    openapi: '3.1.0',
    info: { title: 'Imported', version: '1' },
    paths: Object.fromEntries(paths.map((path) => [path, { get }])),
  };
}

const importCall = (slug: string, ...paths: string[]) => ({
  method: 'POST',
  path: '/v1/apis/import',
  body: { slug, document: documentWith(...paths), proposeScopes: false },
});

const importingNew: Prepare = async (world) => {
  const { secret } = await plainKey(world);
  const slug = unique('api');
  return {
    change: importCall(slug, '/orders'),
    question: ask(secret, { api: slug, method: 'GET', path: '/orders' }),
    before: 'unknown_endpoint',
    after: 'endpoint_not_connected',
  };
};

const importingAgain =
  (from: readonly string[], to: readonly string[], before: string, after: string): Prepare =>
  async (world) => {
    const slug = unique('api');
    const { api } = await must(world, importCall(slug, ...from));
    const application = await makeApplication(world, { connectedTo: [api] });
    const { secret } = await issueKey(world, application.id);
    return {
      change: importCall(slug, ...to),
      question: ask(secret, { api: slug, method: 'GET', path: '/orders' }),
      before,
      after,
    };
  };

const scopesOf = (allowance: Body) => allowance.apiKey.scopes.join(' ');

/** Asked without an endpoint: what a scope is worth that no API declares any more. */
const withoutScope =
  (change: (api: Api) => Prepared['change'], again: readonly number[]): Prepare =>
  async (world) => {
    const { api, secret } = await reached(world);
    return {
      change: change(api),
      again,
      question: ask(secret),
      before: `allowed ${api.slug}:read`,
      after: 'allowed ',
      show: scopesOf,
    };
  };

const deleting: Prepare = async (world) => {
  const { api, asking } = await reached(world);
  const change = { method: 'DELETE', path: `/v1/apis/${api.id}` };
  return { change, again: [404], question: asking({}), before: 'allowed', after: 'unknown_endpoint' };
};

export const ofApis: Readonly<Record<string, Readonly<Record<string, Prepare>>>> = {
  createApi: { 'an API that was unknown': creating },
  importApi: {
    'an API that was unknown': importingNew,
    'an endpoint more': importingAgain(['/others'], ['/others', '/orders'], 'unknown_endpoint', 'allowed'),
    'an endpoint less': importingAgain(['/others', '/orders'], ['/others'], 'allowed', 'unknown_endpoint'),
  },
  updateApi: {
    'an endpoint that asks for more': updating(({ api }) => ({
      to: { endpoints: [endpoint('GET', '/orders', [`${api.slug}:full`])] },
      before: 'allowed',
      after: 'insufficient_scope',
    })),
    'an endpoint that asks for less': updating(() => ({
      to: { endpoints: [endpoint('POST', '/orders', [])] },
      asking: { method: 'POST' },
      before: 'insufficient_scope',
      after: 'allowed',
    })),
    'an endpoint more': updating(() => ({
      to: { endpoints: [endpoint('GET', '/new', [])] },
      asking: { path: '/new' },
      before: 'unknown_endpoint',
      after: 'allowed',
    })),
    'no endpoints': updating(() => ({ to: { endpoints: [] }, before: 'allowed', after: 'unknown_endpoint' })),
    'the name that it had': updating(({ api }) => ({
      to: { slug: `${api.slug}-moved` },
      asking: { api: api.slug },
      before: 'allowed',
      after: 'unknown_endpoint',
    })),
    'the name that it gets': updating(({ api }) => ({
      to: { slug: `${api.slug}-moved` },
      asking: { api: `${api.slug}-moved` },
      before: 'unknown_endpoint',
      after: 'allowed',
    })),
    'no scopes': withoutScope(
      (api) => ({ method: 'PATCH', path: `/v1/apis/${api.id}`, body: { scopes: [], endpoints: [] } }),
      [],
    ),
  },
  deleteApi: {
    'its endpoints are unknown': deleting,
    'its scopes are worth nothing': withoutScope(
      (api) => ({ method: 'DELETE', path: `/v1/apis/${api.id}` }),
      [404],
    ),
  },
};
