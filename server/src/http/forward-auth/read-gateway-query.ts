import type { Environment } from '../../verification/types.ts';
import type { GatewayFault } from './gateway-fault.ts';

export type GatewayQuery = { api: string; environment: Environment };

/** What is neither has no place in a question to the database: PostgreSQL fails at a NUL. */
const ID_OR_SLUG = /^[a-z0-9_-]{1,100}$/;

const environments: readonly string[] = ['development', 'staging', 'production'];

/** Reads `api` and `environment`, each exactly once and nothing beside them: the operator wrote them, no client may add to them. */
export function readGatewayQuery(query: string): GatewayQuery | { fault: GatewayFault } {
  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys()) {
    if (name !== 'api' && name !== 'environment') return { fault: 'parameter_unknown' };
  }
  const apis = parameters.getAll('api');
  const [api] = apis;
  if (api === undefined || api === '') return { fault: 'api_missing' };
  if (apis.length > 1) return { fault: 'api_repeated' };
  if (!ID_OR_SLUG.test(api)) return { fault: 'api_unknown' };
  const given = parameters.getAll('environment');
  const [environment] = given;
  if (environment === undefined || environment === '') return { fault: 'environment_missing' };
  if (given.length > 1) return { fault: 'environment_repeated' };
  return isEnvironment(environment) ? { api, environment } : { fault: 'environment_unknown' };
}

function isEnvironment(text: string): text is Environment {
  return environments.includes(text);
}
