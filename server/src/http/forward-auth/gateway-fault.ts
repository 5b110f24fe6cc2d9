/**
 * A mistake of whoever set up the gateway, and its remedy. It denies, and is logged now and then: no client of the gateway
 * can mend it, so none is told more than that it is there.
 */
export const gatewayFaults = {
  parameter_unknown: 'The gateway calls with a parameter other than api and environment: leave it out.',
  api_missing: 'The gateway does not say which API it guards: add ?api=<API id> to the URL that it calls.',
  api_repeated: 'The gateway names two APIs: give ?api= once.',
  api_unknown:
    'The API that the gateway names is not known: give the id of an API (a slug is taken only while there is one organization).',
  environment_missing:
    'The gateway does not say which environment it guards: add &environment=production (or staging, development) to the URL that it calls.',
  environment_repeated: 'The gateway names two environments: give environment= once.',
  environment_unknown: 'The gateway names an environment other than development, staging and production.',
  method_not_once:
    'The header with the original method did not come exactly once: let the gateway overwrite it, as the shipped configuration does.',
  uri_not_once:
    'The header with the original URI did not come exactly once: let the gateway overwrite it, as the shipped configuration does.',
  address_not_once:
    "The header with the client's address did not come exactly once: let the gateway overwrite it, as the shipped configuration does.",
  verifier_not_authorized:
    "A gateway that is not on this machine must send a management key with api_keys:verify of the API's organization in Keywright-Verifier, once.",
} as const;

export type GatewayFault = keyof typeof gatewayFaults;
