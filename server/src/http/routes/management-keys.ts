import { z } from 'zod';
import { idField } from '../../domain/fields.ts';
import {
  createManagementKey,
  createManagementKeyInput,
} from '../../domain/management-keys/create-management-key.ts';
import { getManagementKey } from '../../domain/management-keys/get-management-key.ts';
import {
  listManagementKeys,
  listManagementKeysQuery,
} from '../../domain/management-keys/list-management-keys.ts';
import { managementKeySchema } from '../../domain/management-keys/management-key.ts';
import { revokeManagementKey } from '../../domain/management-keys/revoke-management-key.ts';
import { changedObject, pageOf } from '../response-schemas.ts';
import { done, type Route, route } from '../route.ts';

const tag = 'Management keys';
const params = z.object({ id: idField('mk', 'a management key') });

export const managementKeyRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/v1/management-keys',
    operationId: 'listManagementKeys',
    tag,
    summary: 'List management keys',
    action: 'management_keys:read',
    query: listManagementKeysQuery,
    status: 200,
    response: pageOf(managementKeySchema),
    handle: async (ctx, { query }) => ({ body: await listManagementKeys(ctx, query) }),
  }),
  route({
    method: 'post',
    path: '/v1/management-keys',
    operationId: 'createManagementKey',
    tag,
    summary: 'Create a management key',
    description: 'The answer is the only place where its secret is ever shown.',
    action: 'management_keys:create',
    body: createManagementKeyInput,
    creates: true,
    status: 201,
    response: changedObject(z.object({ managementKey: managementKeySchema, secret: z.string().nullable() })),
    handle: async (ctx, { body }) => done(await createManagementKey(ctx, body)),
  }),
  route({
    method: 'get',
    path: '/v1/management-keys/{id}',
    operationId: 'getManagementKey',
    tag,
    summary: 'Get a management key',
    action: 'management_keys:read',
    params,
    status: 200,
    response: managementKeySchema,
    handle: async (ctx, { params }) => ({ body: await getManagementKey(ctx, params.id) }),
  }),
  route({
    method: 'post',
    path: '/v1/management-keys/{id}/revoke',
    operationId: 'revokeManagementKey',
    tag,
    summary: 'Revoke a management key, and with it every key that it made',
    action: 'management_keys:revoke',
    params,
    body: z.strictObject({}),
    bodyIsOptional: true,
    status: 200,
    response: changedObject(managementKeySchema),
    handle: async (ctx, { params }) => done(await revokeManagementKey(ctx, params.id)),
  }),
];
