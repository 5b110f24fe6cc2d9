import { z } from 'zod';
import { getPolicy } from '../../domain/policies/get-policy.ts';
import { listPolicies } from '../../domain/policies/list-policies.ts';
import { policyEnvironments, policySchema } from '../../domain/policies/policy.ts';
import { updatedPolicySchema, updatePolicy, updatePolicyInput } from '../../domain/policies/update-policy.ts';
import { changedObject, pageOf } from '../response-schemas.ts';
import { committed, found, type Route, route } from '../route.ts';

const tag = 'Policies';
const params = z.object({
  environment: z.enum(policyEnvironments, { error: 'must be all, development, staging or production' }),
});

export const policyRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/v1/policies',
    operationId: 'listPolicies',
    tag,
    summary: 'List the four policies: for all environments, and for each',
    action: 'policies:read',
    query: z.strictObject({}),
    status: 200,
    response: pageOf(policySchema),
    handle: async (ctx) => ({ body: await listPolicies(ctx) }),
  }),
  route({
    method: 'get',
    path: '/v1/policies/{environment}',
    operationId: 'getPolicy',
    tag,
    summary: 'Get the policy for one environment, or for all',
    action: 'policies:read',
    params,
    status: 200,
    response: policySchema,
    handle: async (ctx, { params }) => found(await getPolicy(ctx, params.environment)),
  }),
  route({
    method: 'put',
    path: '/v1/policies/{environment}',
    operationId: 'updatePolicy',
    tag,
    summary: 'Set the rules for new keys of one environment, or of all',
    description:
      'What is left out stays as it is; null takes a rule away. Where the policy for all environments and that of the ' +
      'environment both say something, both hold. Keys that exist keep their expiry.',
    action: 'policies:update',
    params,
    body: updatePolicyInput,
    status: 200,
    response: changedObject(updatedPolicySchema),
    handle: async (ctx, { params, body, expectedRevision }) =>
      committed(await updatePolicy(ctx, params.environment, { ...body, expectedRevision })),
  }),
];
