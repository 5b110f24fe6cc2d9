import { z } from 'zod';
import { apiKeySchema } from '../../domain/api-keys/api-key.ts';
import { createApiKeyInput, updateApiKeyInput } from '../../domain/api-keys/api-key-fields.ts';
import { createApiKey } from '../../domain/api-keys/create-api-key.ts';
import { deleteApiKey } from '../../domain/api-keys/delete-api-key.ts';
import { disableApiKey } from '../../domain/api-keys/disable-api-key.ts';
import { enableApiKey } from '../../domain/api-keys/enable-api-key.ts';
import { getApiKey } from '../../domain/api-keys/get-api-key.ts';
import { listApiKeys, listApiKeysQuery } from '../../domain/api-keys/list-api-keys.ts';
import { revokeApiKey } from '../../domain/api-keys/revoke-api-key.ts';
import { updateApiKey } from '../../domain/api-keys/update-api-key.ts';
import { idField } from '../../domain/fields.ts';
import { changedObject, pageOf } from '../response-schemas.ts';
import { committed, done, found, type Route, route } from '../route.ts';

const tag = 'API keys';
const params = z.object({ id: idField('key', 'an API key') });
const keptAsGiven = { documentFields: ['metadata'], exactNumbersIn: 'metadata' };
const noBody = { body: z.strictObject({}), bodyIsOptional: true, params, status: 200 } as const;

export const apiKeyRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/v1/api-keys',
    operationId: 'listApiKeys',
    tag,
    summary: 'List API keys',
    action: 'api_keys:read',
    query: listApiKeysQuery,
    status: 200,
    response: pageOf(apiKeySchema),
    handle: async (ctx, { query }) => ({ body: await listApiKeys(ctx, query) }),
  }),
  route({
    method: 'post',
    path: '/v1/api-keys',
    operationId: 'createApiKey',
    tag,
    summary: 'Issue an API key',
    description: 'The answer is the only place where the secret is ever shown.',
    action: 'api_keys:create',
    body: createApiKeyInput,
    ...keptAsGiven,
    creates: true,
    status: 201,
    response: changedObject(z.object({ apiKey: apiKeySchema, secret: z.string().nullable() })),
    handle: async (ctx, { body }) => done(await createApiKey(ctx, body)),
  }),
  route({
    method: 'get',
    path: '/v1/api-keys/{id}',
    operationId: 'getApiKey',
    tag,
    summary: 'Get an API key',
    action: 'api_keys:read',
    params,
    status: 200,
    response: apiKeySchema,
    handle: async (ctx, { params }) => found(await getApiKey(ctx, params.id)),
  }),
  route({
    method: 'patch',
    path: '/v1/api-keys/{id}',
    operationId: 'updateApiKey',
    tag,
    summary: 'Change an API key',
    action: 'api_keys:update',
    params,
    body: updateApiKeyInput,
    ...keptAsGiven,
    status: 200,
    response: changedObject(apiKeySchema),
    handle: async (ctx, { params, body, expectedRevision }) =>
      committed(await updateApiKey(ctx, params.id, { ...body, expectedRevision })),
  }),
  route({
    method: 'delete',
    path: '/v1/api-keys/{id}',
    operationId: 'deleteApiKey',
    tag,
    summary: 'Delete an API key, permanently',
    action: 'api_keys:delete',
    params,
    status: 200,
    response: changedObject(z.object({ id: z.string(), deletedAt: z.string() })),
    handle: async (ctx, { params }) => done(await deleteApiKey(ctx, params.id)),
  }),
  route({
    method: 'post',
    path: '/v1/api-keys/{id}/disable',
    operationId: 'disableApiKey',
    tag,
    summary: 'Switch an API key off',
    action: 'api_keys:disable',
    ...noBody,
    response: changedObject(apiKeySchema),
    handle: async (ctx, { params }) => committed(await disableApiKey(ctx, params.id)),
  }),
  route({
    method: 'post',
    path: '/v1/api-keys/{id}/enable',
    operationId: 'enableApiKey',
    tag,
    summary: 'Switch an API key on again',
    action: 'api_keys:enable',
    ...noBody,
    response: changedObject(apiKeySchema),
    handle: async (ctx, { params }) => committed(await enableApiKey(ctx, params.id)),
  }),
  route({
    method: 'post',
    path: '/v1/api-keys/{id}/revoke',
    operationId: 'revokeApiKey',
    tag,
    summary: 'Revoke an API key; final',
    action: 'api_keys:revoke',
    ...noBody,
    response: changedObject(apiKeySchema),
    handle: async (ctx, { params }) => committed(await revokeApiKey(ctx, params.id)),
  }),
];
